using System.Net;
using System.Net.WebSockets;
using WsPumps.Reconnecting.Tests.Network;

namespace WsPumps.Reconnecting.Tests;

/// <summary>When it comes back, and when it does not.</summary>
public sealed class ReconnectTests
{
    private readonly FakeNetwork _network = new();

    [Fact]
    public async Task Start_FirstAttemptsFail_GoesOnUntilThereIsAConnection()
    {
        var client = _network.CreateClient();
        var started = client.StartAsync();
        (await _network.NextAsync()).Fail();
        var (second, after) = await _network.NextAfterAsync();
        after.Should().Be(TimeSpan.FromMilliseconds(500));
        started.IsCompleted.Should().BeFalse();

        second.Accept();

        (await started.InTime()).Should().BeTrue();
        client.State.Should().Be(ReconnectingClientState.Connected);
        client.Statistics.Connections.Should().Be(1);
    }

    [Fact]
    public async Task Start_WaitCanceled_ClientGoesOn()
    {
        var client = _network.CreateClient();
        using var impatient = new CancellationTokenSource();
        var started = client.StartAsync(impatient.Token);
        var attempt = await _network.NextAsync();

        await impatient.CancelAsync();

        await started.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        attempt.Accept();
        (await client.StartAsync().InTime()).Should().BeTrue();
    }

    [Fact]
    public async Task Lost_AgainAndAgain_WaitsLongerEachTime()
    {
        var (_, peer) = await _network.ConnectAsync();
        var waits = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            peer.Cut();
            var (attempt, after) = await _network.NextAfterAsync();
            waits.Add(after.TotalSeconds);
            peer = attempt.Accept();
        }

        double[] bounds = [1, 2, 4, 8, 16, 30, 30];
        waits.Should().Equal(bounds.Select(bound => bound / 2), (wait, expected) => Math.Abs(wait - expected) < 0.000_001);
    }

    [Theory]
    [InlineData(9.9, 1)]
    [InlineData(10, 0.5)]
    public async Task Lost_AfterALife_WaitsAnewOnlyWhereThatWasLongEnough(double lasted, double expected)
    {
        var (client, first) = await _network.ConnectAsync();
        first.Cut();
        using var second = await _network.AcceptAfterAsync();
        await FakeNetwork.UntilAsync(() => client.Statistics.Connections == 2);
        _network.Clock.Advance(TimeSpan.FromSeconds(lasted));

        second.Cut();

        var (_, after) = await _network.NextAfterAsync();
        after.Should().Be(TimeSpan.FromSeconds(expected));
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1012)]
    [InlineData(1013)]
    public async Task PeerClosed_WithAHint_ComesBackExactlyThen(int status)
    {
        ReconnectingEvent? lost = null;
        var (_, peer) = await _network.ConnectAsync(options => options.Reconnecting = told => Note(() => lost = told));

        await peer.CloseAsync((WebSocketCloseStatus)status, "The server is shutting down; reconnect after 12345 ms");

        var (_, after) = await _network.NextAfterAsync();
        after.Should().Be(TimeSpan.FromMilliseconds(12_345));
        lost!.Delay.Should().Be(TimeSpan.FromMilliseconds(12_345));
        lost.Connection!.PeerStatus.Should().Be((WebSocketCloseStatus)status);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(4001)]
    public async Task PeerClosed_ForGood_DoesNotComeBack(int status)
    {
        var (client, peer) = await _network.ConnectAsync(options => options.StopStatuses.Add((WebSocketCloseStatus)4001));

        await peer.CloseAsync((WebSocketCloseStatus)status, "no more");

        var end = await client.Completion.InTime();
        end.Reason.Should().Be(StopReason.PeerClosed);
        end.Status.Should().Be((WebSocketCloseStatus)status);
        end.StatusDescription.Should().Be("no more");
        client.State.Should().Be(ReconnectingClientState.Closed);
        (await client.WriteAsync(PreparedMessage.Text("late"))).Should().Be(SendResult.Closed);
        _network.Attempts.Should().Be(1);
        _network.Clock.ActiveTimers.Should().BeLessThanOrEqualTo(1, "only the heartbeat that all clients share may be left");
    }

    [Theory]
    [InlineData(1002)]
    [InlineData(1009)]
    [InlineData(1011)]
    [InlineData(4000)]
    public async Task PeerClosed_AnyOtherStatus_ComesBack(int status)
    {
        var (_, peer) = await _network.ConnectAsync(options => options.StopStatuses.Add((WebSocketCloseStatus)4001));

        await peer.CloseAsync((WebSocketCloseStatus)status);

        var (_, after) = await _network.NextAfterAsync();
        after.Should().Be(TimeSpan.FromMilliseconds(500));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.UpgradeRequired)]
    public async Task Refused_ByTheClient_sFault_DoesNotComeBack(HttpStatusCode status)
    {
        var client = _network.CreateClient();
        var started = client.StartAsync();

        (await _network.NextAsync()).Refuse(status);

        (await started.InTime()).Should().BeFalse();
        var end = await client.Completion.InTime();
        (end.Reason, end.HttpStatus).Should().Be((StopReason.Refused, status));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task Refused_NotAllowed_TriesOnceMoreAtOnceAndAgainAfterASuccess(HttpStatusCode status)
    {
        var client = _network.CreateClient();
        _ = client.StartAsync();
        (await _network.NextAsync()).Refuse(status);
        (await _network.AcceptAfterAsync()).Cut();
        (await _network.NextAfterAsync()).Attempt.Refuse(status);
        var (last, after) = await _network.NextAfterAsync();
        after.Should().Be(TimeSpan.Zero);

        last.Refuse(status);

        var end = await client.Completion.InTime();
        (end.Reason, end.HttpStatus).Should().Be((StopReason.Refused, status));
        _network.Attempts.Should().Be(4);
    }

    [Theory]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.Redirect)]
    public async Task Refused_ForAWhile_ComesBackAfterTheTimeThatWasAskedFor(HttpStatusCode status)
    {
        var client = _network.CreateClient();
        _ = client.StartAsync();

        (await _network.NextAsync()).Refuse(status, retryAfter: TimeSpan.FromSeconds(7));

        var (_, after) = await _network.NextAfterAsync();
        after.Should().Be(TimeSpan.FromMilliseconds(7500), "all who were told the same time must not come together");
    }

    [Fact]
    public async Task Misconfigured_Attempt_DoesNotComeBack()
    {
        var client = _network.CreateClient();
        _ = client.StartAsync();

        (await _network.NextAsync()).Misconfigured();

        var end = await client.Completion.InTime();
        end.Reason.Should().Be(StopReason.Misconfigured);
        end.Exception!.Message.Should().Be("wrong");
    }

    [Fact]
    public async Task Reconnect_Connected_LeavesTheConnectionAndMakesAnotherAtOnce()
    {
        var (client, first) = await _network.ConnectAsync();

        client.Reconnect();

        using var second = await _network.AcceptAsync();
        (await first.ReceiveAsync()).Should().BeNull();
        await second.SendAsync("hello");
        (await client.ReadAllAsync().FirstAsync()).Should().Be("hello");
    }

    [Fact]
    public async Task Reconnect_Waiting_EndsTheWait()
    {
        var waiting = new TaskCompletionSource();
        var (client, peer) = await _network.ConnectAsync(options => options.Reconnecting = _ => Note(() => waiting.TrySetResult()));
        await peer.CloseAsync((WebSocketCloseStatus)1012, "reconnect after 60000 ms");
        await waiting.Task.InTime();

        client.Reconnect();

        await _network.AcceptAsync();
        _network.Clock.Elapsed.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public async Task Reconnecting_CallbackThrows_StopsNothing()
    {
        var (_, peer) = await _network.ConnectAsync(options => options.Reconnecting = _ => throw new InvalidOperationException("the application's"));

        peer.Cut();

        await _network.AcceptAfterAsync();
    }

    [Fact]
    public async Task HalfOpenPeer_AnswersNothing_IsGivenUpAndReplaced()
    {
        var lost = new TaskCompletionSource<ReconnectingEvent>();
        var (client, _) = await _network.ConnectAsync(options =>
        {
            options.Reconnecting = told => Note(() => lost.TrySetResult(told));
            options.Connection.PingInterval = TimeSpan.FromSeconds(5);
            options.Connection.PongTimeout = TimeSpan.FromSeconds(3);
        });

        await _network.Clock.AdvanceUntil(lost.Task, TimeSpan.FromMilliseconds(500));

        (await lost.Task).Connection!.Reason.Should().Be(DisconnectReason.PongTimeout);
        using var second = (await _network.NextWheneverAsync()).Accept();
        await second.SendAsync("back");
        (await client.ReadAllAsync().FirstAsync()).Should().Be("back");
    }

    [Fact]
    public async Task Pings_Answered_GiveTheRoundTripTime()
    {
        var (client, peer) = await _network.ConnectAsync(options => options.Connection.PingInterval = TimeSpan.FromSeconds(5));
        client.RoundTripTime.Should().BeNull();
        var reading = peer.ReceiveAsync();

        for (var i = 0; i < 200 && client.RoundTripTime is null; i++)
        {
            _network.Clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(1);
        }

        client.RoundTripTime.Should().NotBeNull();
        await client.WriteAsync(PreparedMessage.Text("end")).InTime();
        (await reading).Should().Be("end");
    }

    [Fact]
    public async Task Close_Connected_SendsWhatWasWrittenThenTheCode()
    {
        var (client, peer) = await _network.ConnectAsync();
        var write = client.WriteAsync(PreparedMessage.Text("last words")).AsTask();

        var closing = client.CloseAsync((WebSocketCloseStatus)4000, "bye");

        (await peer.ReceiveAsync()).Should().Be("last words");
        (await peer.AnswerCloseAsync()).Should().Be(((WebSocketCloseStatus)4000, "bye"));
        await closing.InTime();
        (await write.InTime()).Should().Be(SendResult.Sent);
        (await client.Completion).Reason.Should().Be(StopReason.Closed);
        _network.Attempts.Should().Be(1);
    }

    [Fact]
    public async Task Close_PeerDoesNotAnswer_EndsAfterItsTime()
    {
        var (client, _) = await _network.ConnectAsync();

        var closing = client.CloseAsync();

        await _network.Clock.AdvanceUntil(closing, TimeSpan.FromMilliseconds(250));
        (await client.Completion).Reason.Should().Be(StopReason.Closed);
    }

    [Fact]
    public async Task Close_DuringAnAttemptOrAWait_EndsAtOnce()
    {
        var attempting = _network.CreateClient();
        _ = attempting.StartAsync();
        await _network.NextAsync();
        await attempting.CloseAsync().InTime();

        var waiting = _network.CreateClient();
        _ = waiting.StartAsync();
        (await _network.NextAsync()).Fail();
        var write = waiting.WriteAsync(PreparedMessage.Text("never")).AsTask();
        await waiting.CloseAsync().InTime();

        (await write.InTime()).Should().Be(SendResult.Closed);
        (await waiting.StartAsync().InTime()).Should().BeFalse();
        _network.Clock.ActiveTimers.Should().BeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task Dispose_NeverStarted_Ends()
    {
        var client = _network.CreateClient();

        await client.DisposeAsync().InTime();
        await client.DisposeAsync().InTime();

        (await client.Completion.InTime()).Reason.Should().Be(StopReason.Closed);
        _network.Attempts.Should().BeLessThanOrEqualTo(1);
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1008)]
    [InlineData(2999)]
    [InlineData(5000)]
    public async Task Close_StatusThatAClientMayNotSend_Throws(int status)
    {
        var client = _network.CreateClient();

        await client.Awaiting(c => c.CloseAsync((WebSocketCloseStatus)status)).Should().ThrowAsync<ArgumentOutOfRangeException>().WithMessage("*1000, or with 3000 to 4999*");
    }

    private static ValueTask Note(Action note)
    {
        note();
        return default;
    }
}

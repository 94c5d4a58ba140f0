using System.Net.WebSockets;

namespace WsPumps.Core.Tests.Registry;

public sealed class DrainTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly DrainOptions _options = new() { BatchSize = 10 };

    [Fact]
    public async Task DrainAsync_MoreThanABatch_BatchesFollowAfterPauses()
    {
        // The clock may run ahead of a busy machine: the deadline is not what this is about.
        _options.Timeout = TimeSpan.FromHours(1);
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock });
        var clients = Add(manager, 25);

        var draining = manager.DrainAsync();
        await Task.WhenAll(clients.Take(10).Select(client => client.Closed)).InTime();
        _clock.Advance(TimeSpan.FromSeconds(1.4));
        clients.Count(client => client.Closed.IsCompleted).Should().Be(10, "no pause is shorter than three quarters of 2 seconds");

        await _clock.AdvanceUntil(Task.WhenAll(clients.Take(20).Select(client => client.Closed)), TimeSpan.FromMilliseconds(10));
        _clock.Elapsed.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1.5));
        await _clock.AdvanceUntil(Task.WhenAll(clients.Select(client => client.Closed)), TimeSpan.FromMilliseconds(10));
        _clock.Elapsed.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(3));
        clients.ForEach(client => client.End());

        var result = await draining.InTime();
        result.Should().Be(new DrainResult { Clients = 25, Left = 25, Duration = result.Duration });
        result.Duration.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(3));
        ShouldLeaveNoTimer();
    }

    [Fact]
    public async Task DrainAsync_Delay_NobodyIsAskedBefore()
    {
        _options.Delay = TimeSpan.FromSeconds(5);
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock });
        var client = Add(manager, 1)[0];

        var draining = manager.DrainAsync();
        manager.IsDraining.Should().BeTrue();
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        client.Closed.IsCompleted.Should().BeFalse();
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        await client.Closed.InTime();
        client.End();
        await draining.InTime();
    }

    [Fact]
    public async Task DrainAsync_CodeAndReason_AreTheOnesGiven()
    {
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock });
        var client = Add(manager, 1)[0];

        _ = manager.DrainAsync(new DrainOptions { Status = (WebSocketCloseStatus)1012, Reason = "Moving", ReconnectWithin = TimeSpan.Zero });

        (await client.Closed.InTime()).Status.Should().Be((WebSocketCloseStatus)1012);
        (await client.Closed.InTime()).Reason.Should().Be("Moving");
    }

    [Fact]
    public async Task DrainAsync_SomeDoNotLeave_AreAbortedAtTheDeadlineAndCounted()
    {
        var log = new LogRecorder();
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock, Logger = log });
        var clients = Add(manager, 5);
        var draining = manager.DrainAsync();
        await Task.WhenAll(clients.Select(client => client.Closed)).InTime();
        foreach (var client in clients.Take(3))
        {
            client.End();
            manager.Unregister(client);
        }

        _clock.Advance(TimeSpan.FromSeconds(25));

        var result = await draining.InTime();
        result.Should().Be(new DrainResult { Clients = 5, Left = 3, Aborted = 2, Duration = result.Duration });
        log.EventNames.Should().Equal("DrainBegun", "DrainProgress", "DrainTimedOut", "Drained");
        clients.Select(client => client.IsAborted).Should().Equal(false, false, false, true, true);
        _clock.Elapsed.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(25));
        ShouldLeaveNoTimer();
    }

    [Fact]
    public async Task DrainAsync_SomeDoNotAnswerTheClose_AreCountedAmongThoseWhoLeft()
    {
        var log = new LogRecorder();
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock, Logger = log });
        var clients = Add(manager, 3);
        var draining = manager.DrainAsync();
        await Task.WhenAll(clients.Select(client => client.Closed)).InTime();
        var unanswered = new DisconnectRecord { Reason = DisconnectReason.Shutdown, LocalStatus = WebSocketCloseStatus.EndpointUnavailable };
        clients[0].End(unanswered with { PeerStatus = WebSocketCloseStatus.EndpointUnavailable });
        clients[1].End(unanswered);
        clients[2].End(new DisconnectRecord { Reason = DisconnectReason.ConnectionLost });

        var result = await draining.InTime();

        result.Should().Be(new DrainResult { Clients = 3, Left = 3, Unanswered = 1, Duration = result.Duration });
        log.Named("Drained").Should().ContainSingle().Which.Message.Should()
            .StartWith("3 of 3 clients have left, 1 of them cut off without an answer to the close; 0 were aborted at the deadline");
        log.Named("DrainBegun").Should().ContainSingle().Which.Message.Should().Be("The drain begins. Clients that are asked to leave with 1001: 3.");
    }

    [Fact]
    public async Task DrainAsync_OneBlocksItsCaller_TheOthersAreClosedAndTheDeadlineHolds()
    {
        using var release = new ManualResetEventSlim();
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock });
        var blocking = new RecordingClient { EndsWhenClosed = false, OnClose = _ => release.Wait() };
        manager.Register(blocking);
        var others = Add(manager, 5);

        var draining = manager.DrainAsync();
        await Task.WhenAll(others.Select(client => client.Closed)).InTime();
        others.ForEach(client => client.End());
        _clock.Advance(TimeSpan.FromSeconds(25));
        await draining.InTime();

        blocking.IsAborted.Should().BeTrue();
        release.Set();
    }

    [Fact]
    public async Task DrainAsync_Cancelled_AbortsNobodyAndGoesOnDraining()
    {
        using var cancel = new CancellationTokenSource();
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock });
        var clients = Add(manager, 15);
        var draining = manager.DrainAsync(cancellationToken: cancel.Token);
        await Task.WhenAll(clients.Take(10).Select(client => client.Closed)).InTime();

        await cancel.CancelAsync();

        await draining.Invoking(drain => drain.InTime()).Should().ThrowAsync<OperationCanceledException>();
        _clock.Advance(TimeSpan.FromMinutes(1));
        clients.Should().OnlyContain(client => !client.IsAborted);
        clients.Count(client => client.Closed.IsCompleted).Should().Be(10);
        manager.IsDraining.Should().BeTrue();
        ShouldLeaveNoTimer();
    }

    [Fact]
    public async Task Resume_AfterADrain_ClientsStayAgain()
    {
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock });
        await manager.DrainAsync().InTime();
        var refused = Add(manager, 1)[0];
        (await refused.Closed.InTime()).Status.Should().Be((WebSocketCloseStatus)1001);

        manager.Resume();

        manager.IsDraining.Should().BeFalse();
        Add(manager, 1)[0].Closed.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Resume_WhileADrainRuns_WhoCameAfterwardsIsLeftAlone()
    {
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock });
        var ignoring = Add(manager, 1)[0];
        var draining = manager.DrainAsync();
        await ignoring.Closed.InTime();

        manager.Resume();
        var late = Add(manager, 1)[0];
        _clock.Advance(TimeSpan.FromSeconds(25));
        var result = await draining.InTime();

        late.IsAborted.Should().BeFalse();
        late.Closed.IsCompleted.Should().BeFalse();
        ignoring.IsAborted.Should().BeTrue("it was asked to leave before the resume");
        result.Should().Be(new DrainResult { Clients = 1, Aborted = 1, Duration = result.Duration });
        ShouldLeaveNoTimer();
    }

    [Fact]
    public async Task Resume_BetweenTwoBatches_NobodyElseIsAskedAndTheDrainEndsWithThoseWhoWere()
    {
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock });
        var clients = Add(manager, 15);
        var draining = manager.DrainAsync();
        await Task.WhenAll(clients.Take(10).Select(client => client.Closed)).InTime();

        manager.Resume();
        clients.Take(10).ToList().ForEach(client => client.End());

        var result = await draining.InTime();
        result.Should().Be(new DrainResult { Clients = 10, Left = 10, Duration = result.Duration });
        clients.Count(client => client.Closed.IsCompleted).Should().Be(10);
        clients.Should().OnlyContain(client => !client.IsAborted);
    }

    [Fact]
    public async Task DrainAsync_ClientComesMeanwhile_IsAskedAndCounted()
    {
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock });
        var first = Add(manager, 1)[0];
        var draining = manager.DrainAsync();
        await first.Closed.InTime();

        var late = Add(manager, 1)[0];
        await late.Closed.InTime();
        first.End();
        late.End();

        var result = await draining.InTime();
        result.Should().Be(new DrainResult { Clients = 2, Left = 2, Duration = result.Duration });
    }

    [Fact]
    public async Task Resume_AfterRunAsyncHasEnded_HasNoEffect()
    {
        var manager = new Manager(new ManagerSettings { Drain = _options, TimeProvider = _clock });
        await manager.RunAsync(new CancellationToken(canceled: true)).InTime();

        manager.Resume();

        manager.IsDraining.Should().BeTrue();
    }

    [Fact]
    public async Task DrainAsync_WrongOption_ThrowsAndDoesNotDrain()
    {
        var manager = new Manager();

        var drain = () => manager.DrainAsync(new DrainOptions { BatchSize = 0 });

        await drain.Should().ThrowAsync<ArgumentException>().WithMessage("Drain.BatchSize is 0;*");
        manager.IsDraining.Should().BeFalse();
    }

    private static List<RecordingClient> Add(Manager manager, int count)
    {
        var clients = Enumerable.Range(0, count).Select(_ => new RecordingClient { EndsWhenClosed = false }).ToList();
        clients.ForEach(manager.Register);
        return clients;
    }

    /// <summary>A wait that has ended gives its timer back after it has told so, or when the time is over.</summary>
    private void ShouldLeaveNoTimer()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        SpinWait.SpinUntil(() => _clock.ActiveTimers == 0, Limit.Time).Should().BeTrue();
    }
}

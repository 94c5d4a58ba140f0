using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;

namespace WsPumps.Testing.Tests;

public sealed class TestPeerTests
{
    [Fact]
    public async Task Echo_AllKindsOfMessages_ComeBack()
    {
        await using var host = await StartEchoAsync();
        await using var peer = await host.ConnectAsync().InTime();

        await peer.SendAsync("text");
        await peer.ExpectAsync("text").InTime();
        await peer.SendAsync(new byte[] { 1, 2, 3 });
        (await peer.ReceiveAsync().InTime()).Payload.ToArray().Should().Equal(1, 2, 3);
        await peer.SendFragmentsAsync(WebSocketMessageType.Text, "in "u8.ToArray(), "three "u8.ToArray(), "parts"u8.ToArray());
        await peer.ExpectAsync("in three parts").InTime();
        await peer.SendJsonAsync(new { Kind = "greeting", Number = 5 });
        await peer.ExpectJsonAsync("""{ "kind": "greeting" }""").InTime();
        await peer.ExpectNothingAsync().InTime();
        (await peer.CloseAsync(1000, "done").InTime()).CloseStatus.Should().Be(1000);
        (await peer.ExpectRecordAsync().InTime()).Reason.Should().Be(DisconnectReason.PeerClosed);
    }

    [Fact]
    public async Task ExpectAsync_AnotherMessage_FailsAndTellsWhatHappened()
    {
        await using var host = await StartEchoAsync();
        await using var peer = await host.ConnectAsync("/", "alice").InTime();
        await host.Time.AdvanceAsync(TimeSpan.FromSeconds(2)).InTime();
        await peer.SendAsync("this");

        var expect = () => peer.ExpectAsync("that").InTime();

        (await expect.Should().ThrowAsync<PumpsTestException>()).WithMessage(
            "peer 1 (alice at /) expected the text 'that', and text 'this' came.*00:00:02 sent text 'this'*00:00:02 received text 'this'*");
    }

    [Fact]
    public async Task ExpectAsync_AfterTheEnd_FailsAtOnce()
    {
        await using var host = await StartEchoAsync();
        await using var peer = await host.ConnectAsync().InTime();
        await peer.Client.CloseAsync(WebSocketCloseStatus.PolicyViolation, "no more").InTime();
        await peer.ExpectCloseAsync(1008).InTime();

        var expect = () => peer.ExpectAsync("text").InTime();

        (await expect.Should().ThrowAsync<PumpsTestException>()).WithMessage("*the text 'text', which cannot come any more*close 1008 'no more'*");
    }

    [Fact]
    public async Task SendAsync_AfterTheEnd_FailsAtOnce()
    {
        await using var host = await StartEchoAsync();
        await using var peer = await host.ConnectAsync().InTime();
        await peer.CloseAsync().InTime();

        var send = () => peer.SendAsync("late").InTime();

        (await send.Should().ThrowAsync<PumpsTestException>()).WithMessage("*could not send text 'late': the connection has ended*");
    }

    [Fact]
    public async Task SendAsync_AfterHalfClose_FailsAndIsNotAmongTheEvents()
    {
        await using var host = await StartEchoAsync();
        await using var peer = await host.ConnectAsync().InTime();
        peer.Link.HalfClose();

        var send = () => peer.SendAsync("late").InTime();

        await send.Should().ThrowAsync<PumpsTestException>();
        peer.Events.Should().Contain(happened => happened.EndsWith("half-closed: a FIN"));
        peer.Events.Should().NotContain(happened => happened.EndsWith("sent text 'late'"));
    }

    [Fact]
    public async Task ConnectAsync_LimitOfExpectationsIsShort_HandshakeHasItsOwn()
    {
        await using var host = await PumpsTestHost.StartEndpointAsync(_ => { }).InTime();

        await using var peer = await host.ConnectAsync(new PeerOptions { RealTimeLimit = TimeSpan.FromTicks(1) }).InTime();

        peer.Client.Completion.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task ExpectAsync_NothingComes_TellsWhatMayBeTheCause()
    {
        var gate = new TaskCompletionSource();
        await using var host = await PumpsTestHost.StartEndpointAsync(endpoint => endpoint.OnMessage((_, _, _) => new ValueTask(gate.Task))).InTime();
        await using var peer = await host.ConnectAsync(new PeerOptions { RealTimeLimit = TimeSpan.FromSeconds(1) }).InTime();
        await peer.SendAsync("text");
        await host.Time.SettleAsync().InTime();
        peer.Link.StallReads();

        var expect = () => peer.ExpectAsync(message => message.Text == "answer").InTime();

        (await expect.Should().ThrowAsync<PumpsTestException>()).WithMessage("*expected message => message.Text == \"answer\", which has not come " +
            "within 00:00:01*reads of this peer are stalled*Under way: a callback of peer-1*its next timer is due in *AdvanceAsync*");
        gate.SetResult();
    }

    [Fact]
    public async Task ExpectAsync_HandlerHasThrown_TellsWhat()
    {
        await using var host = await PumpsTestHost.StartEndpointAsync(endpoint =>
            endpoint.OnMessage((_, _, _) => throw new InvalidTimeZoneException("from the handler"))).InTime();
        await using var peer = await host.ConnectAsync().InTime();
        await peer.SendAsync("text");
        await peer.ExpectCloseAsync(1011).InTime();

        var expect = () => peer.ExpectAsync("answer").InTime();

        (await expect.Should().ThrowAsync<PumpsTestException>()).WithMessage("*cannot come any more*Logged: Error*from the handler*");
    }

    [Fact]
    public async Task Client_OfAResumedSession_IsThatOfTheSession()
    {
        await using var host = await PumpsTestHost.StartEndpointAsync(endpoint => endpoint.Resume = new ResumeOptions()).InTime();
        const string secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
        await using var first = await host.ConnectAsync("/", "alice", $"wspumps.resume.{secret}.0", "wspumps.fresh").InTime();
        first.Link.Reset();
        await first.ExpectEndAsync().InTime();

        await using var second = await host.ConnectAsync("/", "alice", $"wspumps.resume.{secret}.0", "wspumps.fresh").InTime();

        second.SubProtocol.Should().StartWith("wspumps.resume.");
        second.Client.Should().BeSameAs(first.Client);
    }

    [Fact]
    public async Task DisposeAsync_ATaskNeverRests_LogsIt()
    {
        var time = new VirtualTime { RealTimeLimit = TimeSpan.FromMilliseconds(200) };
        var host = await PumpsTestHost.StartEndpointAsync(static _ => { }, null, time).InTime();
        var query = new TaskCompletionSource();
        _ = time.Track(query.Task);

        await host.DisposeAsync().AsTask().InTime();

        host.Logs.Records.Should().Contain(record => record.Message.Contains("was not stopped"));
        query.SetResult();
    }

    [Fact]
    public async Task RunAsync_OfAFaultPlanFails_NamesTheSeedOnce()
    {
        var run = () => FaultPlan.RunAsync(
            async seed =>
            {
                await using var host = await StartEchoAsync();
                await using var peer = await host.ConnectAsync(new PeerOptions { Faults = new FaultPlan(seed) }).InTime();
                await peer.CloseAsync().InTime();
                await peer.SendAsync("late");
            },
            seed: 987_654).InTime();

        (await run.Should().ThrowAsync<PumpsTestException>()).Which.Message.Split("987654").Should().HaveCount(2)
            .And.Subject.First().Should().EndWith("To repeat it: FaultPlan.RunAsync(…, seed: ");
    }

    [Fact]
    public async Task ConnectAsync_NoWebSocketEndpoint_SaysSo()
    {
        await using var host = await PumpsTestHost.StartAsync(app => app.MapGet("/page", static () => "a page")).InTime();

        var connect = () => host.ConnectAsync("/page").InTime();

        (await connect.Should().ThrowAsync<PumpsTestException>()).WithMessage("'/page' is no WebSocket endpoint*200*");
    }

    [Fact]
    public void PeerOptions_OutOfRange_NamesTheOption()
    {
        FluentActions.Invoking(() => new PeerOptions { Window = 0 }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("The Window is a positive*");
        FluentActions.Invoking(() => new PeerOptions { Path = "chat" }).Should().Throw<ArgumentException>().WithMessage("The Path 'chat' does not begin with a slash*");
    }

    [Fact]
    public async Task ExpectNothingAsync_AMessageHasCome_Fails()
    {
        await using var host = await StartEchoAsync();
        await using var peer = await host.ConnectAsync().InTime();
        await peer.SendAsync("text");

        var expect = () => peer.ExpectNothingAsync().InTime();

        (await expect.Should().ThrowAsync<PumpsTestException>()).WithMessage("*nothing, and text 'text' came*");
    }

    [Fact]
    public async Task ExpectCloseAsync_AnotherCode_Fails()
    {
        await using var host = await StartEchoAsync();
        await using var peer = await host.ConnectAsync().InTime();
        await peer.SendFrameAsync(3, default);

        var expect = () => peer.ExpectCloseAsync(1000).InTime();

        (await expect.Should().ThrowAsync<PumpsTestException>()).WithMessage("*a close frame with 1000, and one with 1002 came*");
    }

    [Fact]
    public async Task TryConnectAsync_Refused_IsAValue()
    {
        await using var host = await PumpsTestHost.StartEndpointAsync(endpoint =>
            endpoint.Options.AllowedOrigins.Add("https://good.example")).InTime();

        var result = await host.TryConnectAsync(new PeerOptions { Headers = { ["Origin"] = "https://evil.example" } }).InTime();

        result.Status.Should().Be(HttpStatusCode.Forbidden);
        result.Peer.Should().BeNull();
        result.Body.Should().NotBeEmpty();
        (await host.TryConnectAsync(new PeerOptions { Path = "/nowhere" }).InTime()).Status.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task ConnectAsync_User_IsTheClients()
    {
        await using var host = await StartEchoAsync();
        await using var peer = await host.ConnectAsync(user: "alice").InTime();

        peer.Client.User!.Identity!.Name.Should().Be("alice");
        host.Broadcaster.All.Write("to all");
        await peer.ExpectAsync("to all").InTime();
    }

    private static Task<PumpsTestHost> StartEchoAsync() =>
        PumpsTestHost.StartEndpointAsync(endpoint => endpoint.OnMessage((client, message, cancellationToken) => client.WriteAsync(message, cancellationToken))).InTime();
}

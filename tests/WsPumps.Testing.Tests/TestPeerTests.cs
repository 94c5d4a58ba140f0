using System.Net;
using System.Net.WebSockets;

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

        (await send.Should().ThrowAsync<PumpsTestException>()).WithMessage("*to send text 'late', and the connection has ended*");
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

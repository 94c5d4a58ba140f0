using System.Net.WebSockets;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class SlowClientTests
{
    private static readonly byte[] Block = new byte[16 * 1024];

    [Fact]
    public async Task Broadcast_OneClientNeverReads_IsDroppedAndTheOthersGetEverything()
    {
        const int others = 99;
        await using var host = await PumpsHost.StartAsync(LittleRoom, PumpsHost.SmallBuffers);
        using var slow = await host.ConnectRawAsync(receiveBuffer: 4096);
        var slowClient = await host.Callbacks.NextRegisteredAsync();
        var peers = new List<ClientWebSocket>();
        for (var i = 0; i < others; i++)
            peers.Add(await host.ConnectKnownAsync());

        // Each round waits for the others, so that only the one that does not read can fall behind.
        BroadcastResult result;
        var rounds = 0;
        do
        {
            result = host.Broadcaster.All.Write(Message.Binary(Block));
            result.Queued.Should().BeGreaterThanOrEqualTo(others);
            await Task.WhenAll(peers.Select(ReceiveBlockAsync));
            (++rounds).Should().BeLessThan(1000, "the buffers on the way hold far less");
        }
        while (result.Dropped == 0);

        result.Should().Be(new BroadcastResult { Queued = others, Dropped = 1 });
        host.Broadcaster.All.Write(Message.Binary(Block)).Should().Be(new BroadcastResult { Queued = others, Closed = 1 });
        await Task.WhenAll(peers.Select(ReceiveBlockAsync));
        await host.Clock.AdvanceUntilAsync(slowClient.Completion);
        var record = await slowClient.Completion;
        record.Reason.Should().Be(DisconnectReason.SlowClient);
        (record.MessagesSent + record.MessagesUnsent).Should().Be(rounds - 1, "each accepted message is sent or counted");
        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(slowClient);
        host.Broadcaster.Manager.Clients.Should().HaveCount(others);
    }

    [Fact]
    public async Task Write_QueueIsFull_IsDroppedAndPeerThatReadsSees1008()
    {
        await using var host = await PumpsHost.StartAsync(LittleRoom, PumpsHost.SmallBuffers);
        var (peer, client) = await host.ConnectPairAsync();

        WriteResult result;
        do
            result = client.Write(Message.Binary(Block));
        while (result is WriteResult.Queued);

        result.Should().Be(WriteResult.Dropped);
        client.Write("more").Should().Be(WriteResult.Closed);
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.SlowClient);
    }

    [Fact]
    public async Task WriteAsync_PeerNeverReads_EndsAfterWriteTimeoutWithClosed()
    {
        await using var host = await PumpsHost.StartAsync(LittleRoom, PumpsHost.SmallBuffers);
        using var peer = await host.ConnectRawAsync(receiveBuffer: 4096);
        var client = await host.Callbacks.NextRegisteredAsync();
        // Far more than queue and buffers hold together: the last ones must wait.
        var writes = Enumerable.Range(0, 50).Select(_ => client.WriteAsync(Message.Binary(Block)).AsTask()).ToList();

        var waited = await host.Clock.AdvanceUntilAsync(writes[^1]);

        (await writes[^1]).Should().Be(WriteResult.Closed);
        waited.Should().BeGreaterThanOrEqualTo(new WebSocketPumpsOptions().WriteTimeout);
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.WriteTimeout);
        record.LocalStatus.Should().BeNull();
        record.MessagesUnsent.Should().BePositive();
        (await Task.WhenAll(writes)).Count(result => result is WriteResult.Queued)
            .Should().Be((int)(record.MessagesSent + record.MessagesUnsent), "each accepted message is sent or counted");
        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
    }

    /// <summary>The write timeout is for a write that stands still: a large message on a slow line takes as long as it takes.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_LargeMessageOnASlowLine_GoesOnAsLongAsItMovesAndIsCutWhenItStands(bool direct)
    {
        const int read = 256 * 1024;
        var pingInterval = TimeSpan.FromSeconds(5);
        await using var host = await PumpsHost.StartAsync(
            endpoint =>
            {
                endpoint.Options.PingInterval = direct ? pingInterval : TimeSpan.Zero;
                endpoint.Options.MaxQueuedBytes = 16 * 1024 * 1024;
            },
            PumpsHost.SmallBuffers);
        using var peer = await host.ConnectRawAsync(receiveBuffer: 4096);
        var client = await host.Callbacks.NextRegisteredAsync();
        if (direct)
            await ProveQuietAsync(host, peer, client, pingInterval);
        client.Write(PreparedMessage.Binary(new byte[16 * read])).Should().Be(WriteResult.Queued);

        // All buffers on the way together hold less than what is read each time, so each time some of it has left the server.
        for (var i = 0; i < 12; i++)
        {
            await peer.ReadAsync(read);
            host.Clock.Advance(TimeSpan.FromSeconds(9));
            client.Completion.IsCompleted.Should().BeFalse("after {0} pieces", i);
        }

        client.Statistics.WritesDirectly.Should().Be(direct);
        var waited = await host.Clock.AdvanceUntilAsync(client.Completion);
        (await client.Completion).Reason.Should().Be(DisconnectReason.WriteTimeout);
        waited.Should().BeGreaterThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task CloseAsync_PeerNeverReads_EndsWithinTheTimesThatAreSet()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Options.MaxQueuedMessages = 1000, PumpsHost.SmallBuffers);
        using var peer = await host.ConnectRawAsync(receiveBuffer: 4096);
        var client = await host.Callbacks.NextRegisteredAsync();
        for (var i = 0; i < 60; i++)
            client.Write(Message.Binary(Block)).Should().Be(WriteResult.Queued);

        var closing = client.CloseAsync();
        await host.Clock.AdvanceUntilAsync(closing);

        var record = await client.Completion.InTime();
        (record.MessagesSent + record.MessagesUnsent).Should().Be(60);
        record.MessagesUnsent.Should().BePositive();
        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
    }

    /// <summary>A round trip with nothing else under way: frames go straight to the socket from then on.</summary>
    private static async Task ProveQuietAsync(PumpsHost host, RawPeer peer, IClient client, TimeSpan pingInterval)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.Events.PongReceived += _ => answered.TrySetResult();
        host.Clock.Advance(pingInterval);
        var (opcode, id) = (await peer.ReceiveAsync())!.Value;
        opcode.Should().Be(Opcodes.Ping);
        await peer.SendAsync(Opcodes.Pong, id);
        await answered.Task.InTime();
    }

    private static void LittleRoom(WebSocketPumpsEndpointBuilder endpoint)
    {
        endpoint.Options.MaxQueuedMessages = 4;
        // A peer that does not read answers no ping either; here it is its queue that counts.
        endpoint.Options.PingInterval = TimeSpan.Zero;
        Echo.Endpoint(endpoint);
    }

    private static async Task ReceiveBlockAsync(WebSocket peer) => (await peer.ReceiveAsync()).Payload.Should().HaveCount(Block.Length);
}

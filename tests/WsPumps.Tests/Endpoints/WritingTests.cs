using System.Net.WebSockets;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class WritingTests
{
    [Fact]
    public async Task Write_SourceBufferChangedAfterwards_ReceiverSeesWhatWasWritten()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectKnownAsync();
        var client = await host.Callbacks.NextRegisteredAsync();
        byte[] buffer = [1, 2, 3];

        client.Write(Message.Binary(buffer)).Should().Be(WriteResult.Queued);
        Array.Fill(buffer, (byte)9);
        var written = client.WriteAsync(Message.Binary(buffer));
        Array.Fill(buffer, (byte)8);
        host.Broadcaster.All.Write(Message.Binary(buffer)).Queued.Should().Be(1);
        Array.Fill(buffer, (byte)7);

        (await written.InTime()).Should().Be(WriteResult.Queued);
        (await peer.ReceiveAsync()).Payload.Should().Equal(1, 2, 3);
        (await peer.ReceiveAsync()).Payload.Should().Equal(9, 9, 9);
        (await peer.ReceiveAsync()).Payload.Should().Equal(8, 8, 8);
    }

    [Fact]
    public async Task Write_FromManyThreads_EachWritersMessagesArriveInOrder()
    {
        const int writers = 8, messages = 500;
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (peer, client) = await host.ConnectPairAsync();

        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var number = 0; number < messages; number++)
                (await client.WriteAsync($"{writer} {number}").InTime()).Should().Be(WriteResult.Queued);
        })));

        var next = new int[writers];
        for (var i = 0; i < writers * messages; i++)
        {
            var parts = (await peer.ReceiveTextAsync()).Split(' ').Select(int.Parse).ToArray();
            parts[1].Should().Be(next[parts[0]]++);
        }

        await writing.InTime();
    }

    [Fact]
    public async Task Write_ClientHasEnded_IsClosedFromEverywhere()
    {
        WriteResult? inUnregister = null;
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Unregister(async context =>
        {
            context.Client.Write("late").Should().Be(WriteResult.Closed);
            inUnregister = await context.Client.WriteAsync("late");
        }));
        var (peer, client) = await host.ConnectPairAsync();

        await peer.CloseAsync();
        await host.Callbacks.NextUnregisteredAsync();

        inUnregister.Should().Be(WriteResult.Closed);
        client.Write("late").Should().Be(WriteResult.Closed);
        (await client.WriteAsync("late").InTime()).Should().Be(WriteResult.Closed);
        (await Task.Run(() => client.Write("late")).InTime()).Should().Be(WriteResult.Closed);
    }

    [Fact]
    public async Task Write_CloseHasBegun_IsClosed()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (_, client) = await host.ConnectPairAsync();

        _ = client.CloseAsync();

        client.Write("late").Should().Be(WriteResult.Closed);
        (await client.WriteAsync("late").InTime()).Should().Be(WriteResult.Closed);
    }

    [Fact]
    public async Task WriteAsync_WaitsForRoomWhenTheConnectionEnds_IsClosed()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Options.MaxQueuedMessages = 2, PumpsHost.SmallBuffers);
        using var peer = await host.ConnectRawAsync(receiveBuffer: 4096);
        var client = await host.Callbacks.NextRegisteredAsync();
        var message = PreparedMessage.Binary(new byte[64 * 1024]);
        // Far more than queue and buffers hold together: the last ones must wait.
        var writes = Enumerable.Range(0, 50).Select(_ => client.WriteAsync(message).AsTask()).ToList();
        writes[^1].IsCompleted.Should().BeFalse();

        client.Abort();

        var results = await Task.WhenAll(writes).InTime();
        results[0].Should().Be(WriteResult.Queued);
        results[^1].Should().Be(WriteResult.Closed);
        await host.Callbacks.NextUnregisteredAsync();
    }

    [Fact]
    public async Task WriteAsync_TokenFiresWhileItWaits_IsCancelledAndNotQueued()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Options.MaxQueuedMessages = 1, PumpsHost.SmallBuffers);
        using var peer = await host.ConnectRawAsync(receiveBuffer: 4096);
        var client = await host.Callbacks.NextRegisteredAsync();
        var message = PreparedMessage.Binary(new byte[64 * 1024]);
        using var cancellation = new CancellationTokenSource();
        for (var i = 0; i < 50; i++)
            _ = client.WriteAsync(message).AsTask();
        var waiting = client.WriteAsync("cancelled", cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => waiting.InTime()).Should().ThrowAsync<OperationCanceledException>();
        client.Completion.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Write_Null_Throws()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (_, client) = await host.ConnectPairAsync();

        FluentActions.Invoking(() => client.Write((PreparedMessage)null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => client.Write((string)null!)).Should().Throw<ArgumentNullException>();
        await FluentActions.Awaiting(() => client.WriteAsync((PreparedMessage)null!).AsTask()).Should().ThrowAsync<ArgumentNullException>();
        FluentActions.Invoking(() => host.Broadcaster.All.Write((string)null!)).Should().Throw<ArgumentNullException>();
        client.Completion.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Write_LargerThanTheQueue_IsTooLargeAndNamesTheOption()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.MaxQueuedBytes = 65536;
            Echo.Endpoint(endpoint);
        });
        var peer = await host.ConnectKnownAsync();
        var client = await host.Callbacks.NextRegisteredAsync();
        var tooLarge = new byte[65537];

        client.Write(Message.Binary(tooLarge)).Should().Be(WriteResult.TooLarge);
        await FluentActions.Awaiting(() => client.WriteAsync(Message.Binary(tooLarge)).AsTask())
            .Should().ThrowAsync<ArgumentException>().WithMessage("*65537*65536*MaxQueuedBytes*");
        host.Broadcaster.All.Write(Message.Binary(tooLarge)).Should().Be(new BroadcastResult { Queued = 0, Dropped = 1 });

        (await client.WriteAsync("still open").InTime()).Should().Be(WriteResult.Queued);
        (await peer.ReceiveTextAsync()).Should().Be("still open");
    }

    [Fact]
    public async Task Text_NotUtf8_Throws()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (_, client) = await host.ConnectPairAsync();

        var write = () => client.Write(new Message(WebSocketMessageType.Text, new byte[] { 0xFF }));

        write.Should().Throw<ArgumentException>().WithMessage("*UTF-8*");
    }
}

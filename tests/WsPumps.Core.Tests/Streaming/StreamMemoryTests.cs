using System.Net.WebSockets;
using WsPumps.Core.Tests.Compression;

namespace WsPumps.Core.Tests.Streaming;

/// <summary>What a stream holds more than an idle connection does.</summary>
[Collection(nameof(BombTests))]
public sealed class StreamMemoryTests
{
    private const int Clients = 100;
    private const int Most = 128 * 1024;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Outgoing_PeersThatDoNotRead_HoldAtMost128KiBEach(bool isServer)
    {
        var streams = Enumerable.Range(0, Clients).Select(_ => new StalledStream()).ToArray();
        var clients = streams.Select(stream => new Client(new StreamWebSocket(stream, new StreamWebSocketOptions { IsServer = isServer, Abort = stream.End }))).ToArray();
        var pumps = clients.Select(client => Task.WhenAll(client.WritePumpAsync(_ => { }, TimeSpan.Zero, default), client.ReadPumpAsync(_ => { }, [], default))).ToArray();
        var idle = GC.GetTotalMemory(forceFullCollection: true);

        var writing = clients.Select(WriteForEverAsync).ToArray();
        await Task.WhenAll(streams.Select(stream => stream.Written)).InTime();
        using (var limit = new CancellationTokenSource(Limit.Time))
        {
            while (clients.Any(client => client.Statistics.QueuedBytes < 30 * 1024))
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - idle) / Clients;
        // What else the process has let go of meanwhile takes some bytes off.
        each.Should().BeInRange(60 * 1024, Most);
        foreach (var client in clients)
            client.Abort();
        await Task.WhenAll(pumps).InTime();
        foreach (var write in writing)
            await write.Awaiting(task => task.InTime()).Should().ThrowAsync<IOException>();
    }

    [Fact]
    public async Task Incoming_HandlersThatDoNotRead_HoldAtMost128KiBEach()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var settings = new ClientSettings { OnMessageStream = async (_, _, _) => await release.Task };
        var streams = Enumerable.Range(0, Clients).Select(_ => new FloodStream()).ToArray();
        var clients = streams.Select(stream => new Client(new StreamWebSocket(stream, new StreamWebSocketOptions { Abort = stream.End }), settings)).ToArray();
        var pumps = clients.Select(client => Task.WhenAll(client.WritePumpAsync(_ => { }, TimeSpan.Zero, default), client.ReadPumpAsync(_ => { }, [], default))).ToArray();
        var idle = GC.GetTotalMemory(forceFullCollection: true);

        foreach (var stream in streams)
            stream.Begin();
        using (var limit = new CancellationTokenSource(Limit.Time))
        {
            while (clients.Any(client => client.Statistics.BytesReceived < IncomingMessage.MaxBuffered))
                await Task.Delay(10, limit.Token);
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - idle) / Clients;
        // What else the process has let go of meanwhile takes some bytes off.
        each.Should().BeInRange(60 * 1024, Most);
        clients.Should().OnlyContain(client => client.Statistics.BytesReceived < Most);
        foreach (var client in clients)
            client.Abort();
        release.SetResult();
        await Task.WhenAll(pumps).InTime();
    }

    private static async Task WriteForEverAsync(Client client)
    {
        await using var message = await client.OpenMessageAsync(WebSocketMessageType.Binary);
        for (var piece = new byte[1000]; ;)
            await message.WriteAsync(piece);
    }
}

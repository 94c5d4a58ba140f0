using System.Buffers.Binary;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;
using Xunit.Abstractions;

namespace WsPumps.Wire.Tests.Load;

/// <summary>Thousands at once: all get all, and of those that vanish nothing is left.</summary>
public sealed class ManyClientsTests(ITestOutputHelper output)
{
    private static readonly ParallelOptions InParallel = new() { MaxDegreeOfParallelism = 50 };

    [Fact]
    public Task Broadcast_ManyClients_AllGetAllInOrder() => BroadcastAsync(clients: 1000, messages: 20);

    [Trait("Category", "Stress")]
    [Fact]
    public Task Broadcast_FiveThousandClients_AllGetAllInOrder() => BroadcastAsync(clients: 5000, messages: 200);

    [Fact]
    public Task Connections_ComeAndAreReset_RegistryIsEmpty() => StormAsync(connections: 500);

    [Trait("Category", "Stress")]
    [Fact]
    public Task Connections_FiveThousandComeAndAreReset_RegistryIsEmpty() => StormAsync(connections: 5000);

    private static async Task BroadcastAsync(int clients, int messages)
    {
        await using var server = await WireServer.StartAsync(endpoint => endpoint.Options.MaxQueuedMessages = messages);
        var peers = new RawWebSocketClient[clients];
        await Parallel.ForAsync(0, clients, InParallel, async (i, _) => peers[i] = (await server.OpenAsync()).Peer);
        var reading = peers.Select(ReadAllAsync).ToArray();

        for (var i = 0; i < messages; i++)
        {
            var payload = new byte[100];
            BinaryPrimitives.WriteInt32BigEndian(payload, i);
            server.Broadcaster.All.Write(PreparedMessage.Binary(payload)).Should().Be(new BroadcastResult { Queued = clients });
        }

        await Task.WhenAll(reading).WaitAsync(2 * Limit.Time);
        foreach (var peer in peers)
            await peer.DisposeAsync();

        // Frame by frame without a limit of its own: a million of those cost more than what they watch.
        async Task ReadAllAsync(RawWebSocketClient peer)
        {
            for (var i = 0; i < messages; i++)
                BinaryPrimitives.ReadInt32BigEndian((await peer.NextFrameAsync())!.Payload).Should().Be(i);
        }
    }

    /// <summary>The clock stands still, so that no deadline tidies up: each is gone because its connection is.</summary>
    private async Task StormAsync(int connections)
    {
        await using var server = await WireServer.StartEchoAsync(time: new ManualTimeProvider());
        await Parallel.ForAsync(0, connections, InParallel, async (i, _) =>
        {
            var (peer, _) = await server.OpenAsync((Carrier)(i % 4));
            if (i % 3 == 0)
                await peer.SendAsync(ClientFrame.Text("on its way"));
            peer.Reset();
            await peer.DisposeAsync();
        });

        var began = TimeProvider.System.GetTimestamp();
        await Turns.UntilAsync(() => server.Unregistered == connections);
        output.WriteLine($"{connections} connections: the last one was gone after {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:F0} ms.");

        server.Broadcaster.Manager.Clients.Should().BeEmpty();
        server.Registered.Should().Be(connections);
        await server.WhenNothingIsOpenAsync();
    }
}

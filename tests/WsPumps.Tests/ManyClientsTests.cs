using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests;

public sealed class ManyClientsTests
{
    private const int Count = 1000;

    private static readonly ParallelOptions InParallel = new() { MaxDegreeOfParallelism = 50 };

    [Fact]
    public async Task Broadcast_ThousandClients_AllGetAllMessagesInOrder()
    {
        const int messages = 5;
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peers = new ConcurrentQueue<ClientWebSocket>();
        await Parallel.ForAsync(0, Count, InParallel, async (_, _) => peers.Enqueue(await host.ConnectKnownAsync()));
        host.Broadcaster.Manager.Clients.Should().HaveCount(Count);

        for (var i = 0; i < messages; i++)
            host.Broadcaster.All.Write($"{i}").Should().Be(new BroadcastResult { Queued = Count });

        await Parallel.ForEachAsync(peers, InParallel, async (peer, _) =>
        {
            for (var i = 0; i < messages; i++)
                (await peer.ReceiveTextAsync()).Should().Be($"{i}");
        });
    }

    [Fact]
    public async Task Connections_ThousandOpenedAndClosed_NothingIsLeft()
    {
        var clients = new ConcurrentQueue<WeakReference>();
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/", endpoint =>
        {
            endpoint.Register(context =>
            {
                clients.Enqueue(new WeakReference(context.Client));
                return default;
            });
            Echo.Endpoint(endpoint);
        }));

        await Parallel.ForAsync(0, Count, InParallel, async (i, _) =>
        {
            using var peer = new ClientWebSocket();
            await peer.ConnectAsync(host.WebSocketAddress(), CancellationToken.None).InTime();
            await peer.SendTextAsync("hello");
            (await peer.ReceiveTextAsync()).Should().Be("hello");
            if (i % 2 == 0)
                await peer.CloseAsync();
            else
                peer.Abort();
        });
        await host.Connections.WhenNoneAsync();

        clients.Should().HaveCount(Count);
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
        await host.Clock.UntilTimersAsync(0);
        await CollectedAsync(clients);
    }

    /// <summary>A thread of the pool may hold its last work item for a moment, so one collection is not always enough.</summary>
    private static async Task CollectedAsync(IReadOnlyCollection<WeakReference> clients)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        do
        {
            limit.IsCancellationRequested.Should().BeFalse("all clients can be collected, but {0} are left", clients.Count(client => client.IsAlive));
            await Task.Yield();
            GC.Collect();
        }
        while (clients.Any(client => client.IsAlive));
    }
}

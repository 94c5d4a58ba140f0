using System.Collections.Concurrent;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;
using Xunit.Abstractions;

namespace WsPumps.Wire.Tests.Load;

/// <summary>Connections that come and go with every fault there is: at the end, nothing of them is left.</summary>
public sealed class FaultStormTests(ITestOutputHelper output)
{
    private const int PatienceSeconds = 60;

    private static readonly Fault[] OverHttp1 = Enum.GetValues<Fault>();
    private static readonly Fault[] OverHttp2 = [.. OverHttp1.Where(fault => fault is not Fault.HalfClose)];

    [Fact]
    public Task Storm_RandomFaults_NothingIsLeft() => RunAsync(warmUp: 500, connections: 500, atOnce: 100);

    [Trait("Category", "Stress")]
    [Fact]
    public Task Storm_RandomFaultsTenThousandTimes_NothingIsLeft() => RunAsync(warmUp: 4000, connections: 10_000, atOnce: 400);

    private async Task RunAsync(int warmUp, int connections, int atOnce)
    {
        var unobserved = new ConcurrentQueue<Exception>();
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs args) => unobserved.Enqueue(args.Exception);
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            await using var server = await StartAsync();
            // More at once than later, so that every pool has grown to what the storm itself needs at most.
            await StormAsync(server, warmUp, atOnce * 4 / 3);
            var before = await SettledMemoryAsync(server, long.MaxValue);

            var began = TimeProvider.System.GetTimestamp();
            var reasons = await StormAsync(server, connections, atOnce);
            var took = TimeProvider.System.GetElapsedTime(began);
            var after = await SettledMemoryAsync(server, before + (before / 10));

            output.WriteLine($"{connections} connections in {took.TotalSeconds:F1} s; memory {before / 1024} KiB before, {after / 1024} KiB after.");
            output.WriteLine(string.Join(", ", reasons.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}")));
            server.Broadcaster.Manager.Clients.Should().BeEmpty();
            (server.Registered, server.Unregistered).Should().Be((warmUp + connections, warmUp + connections));
            after.Should().BeLessThanOrEqualTo(before + (before / 10));
            unobserved.Should().BeEmpty();
            server.Log.Records.Should().BeEmpty();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }
    }

    private static Task<WireServer> StartAsync() => WireServer.StartAsync(endpoint =>
    {
        endpoint.Options.PingInterval = TimeSpan.FromSeconds(1);
        endpoint.Options.PongTimeout = TimeSpan.FromSeconds(1);
        endpoint.Options.WriteTimeout = TimeSpan.FromSeconds(1);
        endpoint.Options.CloseTimeout = TimeSpan.FromSeconds(1);
        endpoint.OnMessage(async (client, message, cancellationToken) =>
        {
            if (message.GetText() is FaultyPeer.Flood)
            {
                var large = PreparedMessage.Binary(new byte[256 * 1024]);
                while (await client.WriteAsync(large, cancellationToken) is WriteResult.Queued)
                {
                }
            }
            else
            {
                await client.WriteAsync(client.Id, cancellationToken);
            }
        });
    });

    private static async Task<Dictionary<DisconnectReason, int>> StormAsync(WireServer server, int connections, int atOnce)
    {
        var reasons = new Dictionary<DisconnectReason, int>();
        var ending = Task.Run(async () =>
        {
            for (var i = 0; i < connections; i++)
            {
                var record = await server.NextEndAsync();
                reasons[record.Reason] = reasons.GetValueOrDefault(record.Reason) + 1;
            }
        });
        await Parallel.ForAsync(0, connections, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (number, _) =>
        {
            var random = new Random(number);
            // Most over the cheapest one: it is the number of connections that counts.
            var carrier = random.Next(10) is var drawn and < 3 ? (Carrier)(drawn + 1) : Carrier.Http1;
            var faults = carrier is Carrier.Http1 or Carrier.Http1Tls ? OverHttp1 : OverHttp2;
            // Which client has arrived is up to chance; the one of this peer is found by its id.
            await using var peer = (await server.OpenAsync(carrier, receiveBuffer: 4096)).Peer;
            await FaultyPeer.RunAsync(peer, faults[random.Next(faults.Length)], id => server.Broadcaster.Client(id).Local.FirstOrDefault()?.Completion ?? Task.CompletedTask);
        });
        await ending.InTime();
        await server.WhenNothingIsOpenAsync();
        return reasons;
    }

    /// <summary>What is used when the garbage is gone. The pools of the runtime and of the server give back what they have too much only by and by.</summary>
    private static async Task<long> SettledMemoryAsync(WireServer server, long enough)
    {
        await server.WhenNothingIsOpenAsync();
        var least = CollectedMemory();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var second = 0; second < PatienceSeconds && least > enough; second++)
        {
            await timer.WaitForNextTickAsync();
            least = Math.Min(least, CollectedMemory());
        }

        return least;
    }

    private static long CollectedMemory()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}

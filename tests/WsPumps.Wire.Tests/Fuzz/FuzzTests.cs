using System.Collections.Concurrent;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Fuzz;

/// <summary>Whatever a client sends, its connection ends and leaves nothing behind; what it gets is WebSocket traffic to the last byte.</summary>
public sealed class FuzzTests
{
    private const int AtOnce = 16;

    [Theory]
    [InlineData(Carrier.Http1, 2000)]
    [InlineData(Carrier.Http1Tls, 300)]
    [InlineData(Carrier.Http2, 300)]
    [InlineData(Carrier.Http2Tls, 300)]
    public Task Client_SendsAnything_LeavesNothingBehind(Carrier carrier, int seeds) => RunAsync(carrier, seeds);

    [Trait("Category", "Stress")]
    [Theory]
    [InlineData(Carrier.Http1)]
    [InlineData(Carrier.Http1Tls)]
    [InlineData(Carrier.Http2)]
    public Task ManyClients_SendAnything_LeaveNothingBehind(Carrier carrier) => RunAsync(carrier, 10_000);

    private static async Task RunAsync(Carrier carrier, int seeds)
    {
        var unobserved = new ConcurrentQueue<Exception>();
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.Enqueue(e.Exception);
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            // Deadlines never pass on this clock: a connection ends by itself or not at all.
            var clock = new ManualTimeProvider();
            await using var server = await WireServer.StartEchoAsync(time: clock);
            await Parallel.ForEachAsync(
                Enumerable.Range(0, seeds),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
                async (seed, _) => await RunOneAsync(server, carrier, seed));

            await CloseInOrderAsync(server, carrier);

            var reasons = new HashSet<DisconnectReason>();
            for (var i = 0; i <= seeds; i++)
                reasons.Add((await server.NextEndAsync()).Reason);
            // A message that is too big may be missing: a reset can overtake what was sent before it, and so it can a close.
            reasons.Should().Contain([DisconnectReason.PeerClosed, DisconnectReason.ConnectionLost, DisconnectReason.ProtocolError]);
            reasons.Should().BeSubsetOf(
                [DisconnectReason.PeerClosed, DisconnectReason.ConnectionLost, DisconnectReason.ProtocolError, DisconnectReason.MessageTooBig]);
            server.Registered.Should().Be(seeds + 1);
            server.Unregistered.Should().Be(seeds + 1);
            server.Broadcaster.Manager.Clients.Should().BeEmpty();
            server.Log.Records.Should().BeEmpty();
            await Turns.UntilAsync(() => clock.ActiveTimers == 0);
        }
        finally
        {
            CollectGarbage();
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }

        unobserved.Should().BeEmpty();
    }

    /// <summary>After all of them, somebody who keeps to the rules is served.</summary>
    private static async Task CloseInOrderAsync(WireServer server, Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Close(1000));
        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1000);
    }

    private static async Task RunOneAsync(WireServer server, Carrier carrier, int seed)
    {
        var random = new Random(seed);
        await using var peer = await server.ConnectAsync(carrier);
        try
        {
            await peer.SendAsync(new FuzzedBytes(random).Make());
            await LeaveAsync(peer, carrier, random);
        }
        catch (IOException)
        {
            // The server has ended the connection already.
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Seed {seed} over {carrier}.", exception);
        }
    }

    private static async Task LeaveAsync(RawWebSocketClient peer, Carrier carrier, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                peer.Reset();
                break;

            case 1 when carrier is Carrier.Http1 or Carrier.Http1Tls:
                await peer.FinishSendingAsync();
                while (await peer.ReadFrameAsync() is not null)
                {
                }

                break;

            case 2:
                await peer.SendAsync(ClientFrame.Close(1000));
                break;
        }
    }

    /// <summary>Tasks that failed and that nobody looked at report it when they are finalized.</summary>
    private static void CollectGarbage()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}

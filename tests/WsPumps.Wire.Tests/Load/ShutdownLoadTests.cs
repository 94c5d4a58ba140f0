using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;
using Xunit.Abstractions;

namespace WsPumps.Wire.Tests.Load;

public sealed class ShutdownLoadTests(ITestOutputHelper output)
{
    private const int Clients = 2000;
    private const int OneIn = 10;

    /// <summary>The drain's own limit and the host's are 25 and 30 seconds. Those that never answer cost one close timeout, not that.</summary>
    private static readonly TimeSpan MoreThanEnough = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Stop_ManyClientsOfWhichATenthNeverAnswers_TheOthersSee1001AndTheHostStopsInTime()
    {
        await using var server = await WireServer.StartEchoAsync(endpoint => endpoint.Options.CloseTimeout = TimeSpan.FromSeconds(2));
        var peers = new RawWebSocketClient[Clients];
        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) => peers[i] = (await server.OpenAsync()).Peer);
        var leaving = peers.Where((_, i) => i % OneIn != 0).Select(LeaveAsync).ToArray();

        var began = TimeProvider.System.GetTimestamp();
        await server.StopAsync().InTime();
        var took = TimeProvider.System.GetElapsedTime(began);

        var closes = await Task.WhenAll(leaving).InTime();
        output.WriteLine($"{Clients} clients, {Clients / OneIn} of which never answered: stopped after {took.TotalSeconds:F1} s.");
        closes.Should().OnlyContain(close => close.CloseCode == 1001);
        closes.Select(close => close.CloseReason).Distinct().Should().HaveCountGreaterThan(Clients / OneIn, "each is told a time of its own to come back");
        took.Should().BeLessThan(MoreThanEnough);
        server.Broadcaster.Manager.Clients.Should().BeEmpty();
        server.Unregistered.Should().Be(Clients);
        server.Log.Records.Should().BeEmpty();
        foreach (var peer in peers)
            await peer.DisposeAsync();
    }

    private static async Task<WireFrame> LeaveAsync(RawWebSocketClient peer)
    {
        var close = await peer.NextFrameAsync();
        await peer.SendBytesAsync(ClientFrame.Close(1001));
        return close!;
    }
}

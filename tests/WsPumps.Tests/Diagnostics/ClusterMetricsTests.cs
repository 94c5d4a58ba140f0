using Microsoft.Extensions.DependencyInjection;
using WsPumps.Testing;

namespace WsPumps.Tests.Diagnostics;

public sealed class ClusterMetricsTests
{
    [Fact]
    public async Task Message_FromOneServerToAnother_IsCountedAtBothAndItsLagIsMeasured()
    {
        var network = new TestBackplaneNetwork();
        var engine = network.Add();
        await using var here = await StartAsync(engine);
        await using var there = await StartAsync(network.Add());
        using var sent = here.Measure();
        using var received = there.Measure();
        there.Broadcaster.Manager.Register(new RecordingClient());
        await Waiting.Until(() => sent.Now("wspumps.cluster.nodes") == 2 && received.Now("wspumps.cluster.nodes") == 2);

        here.Broadcaster.All.Write("hello");
        await Waiting.Until(() => received.Of("wspumps.cluster.lag").Count == 1);

        received.Now("wspumps.cluster.received").Should().Be(1);
        received.Of("wspumps.cluster.lag")[0].Value.Should().BeGreaterThanOrEqualTo(0);
        sent.Now("wspumps.cluster.published").Should().Be(1);
        sent.Now("wspumps.cluster.connected").Should().Be(1);
        foreach (var name in new[] { "missing", "outbox.dropped", "repeated", "ignored" })
            received.Now($"wspumps.cluster.{name}").Should().Be(0);

        engine.Disconnect();
        here.Broadcaster.All.Write("waits");
        sent.Now("wspumps.cluster.connected").Should().Be(0);
        sent.Now("wspumps.cluster.outbox.messages").Should().BeGreaterThan(0);
    }

    private static Task<PumpsHost> StartAsync(TestBackplane engine) => PumpsHost.StartAsync(Echo.Endpoint, builder =>
    {
        PumpsHost.RealTime(builder);
        builder.Services.AddWebSocketPumps().AddBackplane(_ => engine);
    });
}

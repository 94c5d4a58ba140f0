using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Extensions;

public sealed class HealthCheckTests
{
    [Theory]
    [InlineData(null, HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    [InlineData(HealthStatus.Degraded, HttpStatusCode.OK, "Degraded")]
    public async Task Readiness_HostStops_FailsWhileConnectionsDrain(HealthStatus? failureStatus, HttpStatusCode whileDraining, string word)
    {
        await using var host = await PumpsHost.StartAppAsync(
            app =>
            {
                app.MapHealthChecks("/ready");
                app.MapWebSocketPumps("/", Echo.Handler);
            },
            builder => builder.Services.AddHealthChecks().AddWebSocketPumps(failureStatus: failureStatus));
        var peer = await host.ConnectKnownAsync();
        (await host.SendAsync(HttpMethod.Get, "/ready")).StatusCode.Should().Be(HttpStatusCode.OK);

        var stopping = host.StopAsync();
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);

        var answer = await host.SendAsync(HttpMethod.Get, "/ready");
        answer.StatusCode.Should().Be(whileDraining);
        (await answer.Content.ReadAsStringAsync().InTime()).Should().Be(word);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        await stopping.InTime();
    }

    [Fact]
    public async Task Check_NodeDrainsAndResumes_FollowsIt()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, builder => builder.Services.AddHealthChecks().AddWebSocketPumps());
        var (checks, node) = (host.Services.GetRequiredService<HealthCheckService>(), host.Services.GetRequiredService<WebSocketPumpsNode>());

        await node.DrainAsync().InTime();
        (await checks.CheckHealthAsync().InTime()).Status.Should().Be(HealthStatus.Unhealthy);

        node.Resume();
        (await checks.CheckHealthAsync().InTime()).Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Check_ConnectionsOpen_ReportsThem()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, builder => builder.Services.AddHealthChecks().AddWebSocketPumps("pumps", tags: ["ready"]));
        await host.ConnectKnownAsync();
        await host.ConnectKnownAsync();

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready")).InTime();

        var entry = report.Entries.Should().ContainKey("pumps").WhoseValue;
        entry.Status.Should().Be(HealthStatus.Healthy);
        entry.Data["connections"].Should().Be(2);
        entry.Data["draining"].Should().Be(false);
        entry.Data.Keys.Should().BeEquivalentTo("connections", "draining", "queued_messages", "queued_bytes");
    }
}

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WsPumps.Hosting;

/// <summary>Whether new connections are welcome: the answer of a readiness probe.</summary>
internal sealed class PumpsHealthCheck(PumpsServer server) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var draining = server.IsDraining;
        var (connections, totals) = (server.Metrics.ActiveConnections, server.ClientMetrics.Totals);
        var data = new Dictionary<string, object>
        {
            ["connections"] = connections,
            ["draining"] = draining,
            ["queued_messages"] = totals.QueuedMessages,
            ["queued_bytes"] = totals.QueuedBytes,
        };
        return Task.FromResult(draining
            ? new HealthCheckResult(context.Registration.FailureStatus, $"Draining: {connections} connections are left, and no new one is accepted.", data: data)
            : HealthCheckResult.Healthy($"{connections} connections.", data));
    }
}

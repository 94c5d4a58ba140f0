using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WsPumps.Hosting;

/// <summary>Whether new connections are welcome: the answer of a readiness probe.</summary>
internal sealed class PumpsHealthCheck(PumpsServer server, Cluster? cluster) : IHealthCheck
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
        if (draining)
        {
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus,
                $"Draining: {connections} connections are left, and no new one is accepted.", data: data));
        }

        if (cluster is null)
            return Task.FromResult(HealthCheckResult.Healthy($"{connections} connections.", data));

        var backplane = cluster.Status;
        data["nodes"] = cluster.Nodes.Count;
        data["backplane"] = backplane.State.ToString();
        // Its own clients are served all the same: no reason to send them elsewhere.
        return Task.FromResult(backplane.State is BackplaneState.Connected
            ? HealthCheckResult.Healthy($"{connections} connections, {cluster.Nodes.Count} servers.", data)
            : HealthCheckResult.Degraded($"{connections} connections. The backplane {cluster.BackplaneName} cannot be reached: " +
                $"{backplane.Error ?? "it is being connected to"}.", data: data));
    }
}

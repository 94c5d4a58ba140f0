using Microsoft.Extensions.Hosting;

namespace WsPumps.Hosting;

/// <summary>
/// Starts the cluster with the host, once its broadcaster is there. It says goodbye when the services are disposed of: messages that are
/// written while the host stops still go to the others.
/// </summary>
internal sealed class ClusterHostedService(Cluster cluster, Broadcaster broadcaster) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Asked for here, so that interest in groups and users is told from the first client on.
        GC.KeepAlive(broadcaster);
        return cluster.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

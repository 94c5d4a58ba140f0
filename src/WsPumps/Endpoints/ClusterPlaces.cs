namespace WsPumps.Endpoints;

/// <summary>What a <see cref="ConnectionLimit"/> for each user has to do with the other servers of a cluster.</summary>
internal sealed class ClusterPlaces(string broadcaster, int maxConnections)
{
    /// <summary>How many connections a user has on other servers.</summary>
    public int Elsewhere(Cluster? cluster, string user) => cluster?.Presence.Elsewhere(user, broadcaster) ?? 0;

    /// <returns>What closes the user's oldest connections in the cluster; null where there is none.</returns>
    public Action? KeepNewest(Cluster? cluster, string user) => cluster is { HasPresence: true }
        ? () => cluster.KeepNewest(user, broadcaster, maxConnections) : null;

    /// <exception cref="InvalidOperationException">The servers do not tell each other what they have.</exception>
    public static void ThrowIfUncounted(Cluster? cluster)
    {
        if (cluster is { HasPresence: false })
        {
            throw new InvalidOperationException($"{nameof(ConnectionLimit)}.{nameof(ConnectionLimit.PerUserInCluster)} counts what other " +
                $"servers tell, and {nameof(ClusterOptions)}.{nameof(ClusterOptions.Presence)} is off. Set it on all servers, or limit " +
                $"each server by itself with {nameof(ConnectionLimit.PerUser)}.");
        }
    }
}

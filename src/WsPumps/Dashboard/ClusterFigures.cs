namespace WsPumps.Dashboard;

/// <summary>The cluster, as this server knows it.</summary>
internal sealed record ClusterFigures(string Backplane, string State, string? Error, bool IsAlone, IReadOnlyList<NodeRow> Nodes,
    ClusterStatistics Statistics)
{
    public static ClusterFigures Of(Cluster cluster, DateTimeOffset now) => new(
        cluster.BackplaneName,
        cluster.Status.State.ToString(),
        cluster.Status.Error,
        cluster.IsAlone,
        [.. cluster.Nodes.Select(node => NodeRow.Of(node, now))],
        cluster.Statistics);
}

/// <summary>One server of the cluster. Times in seconds.</summary>
internal sealed record NodeRow(string Id, string Name, bool IsSelf, int Connections, bool IsDraining, double Age, double Silence)
{
    public static NodeRow Of(ClusterNode node, DateTimeOffset now) => new(
        node.Id, node.Name, node.IsSelf, node.Connections, node.IsDraining, (now - node.StartedAt).TotalSeconds,
        Math.Max(0, (now - node.LastSeenAt).TotalSeconds));
}

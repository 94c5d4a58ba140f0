namespace WsPumps;

/// <summary>The servers of one application.</summary>
public sealed class Cluster
{
    private readonly object? _presence = new();

    /// <summary>Gap.</summary>
    public event Action<ClusterGap>? Gap;

    /// <summary>Presence.</summary>
    public object? Presence => Gap is null ? null : _presence;
}

using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace WsPumps;

/// <summary>What a <see cref="Cluster"/> is created with, besides its engine. Everything is optional.</summary>
public sealed class ClusterSettings
{
    /// <summary>Its options, copied. Default: those of a new <see cref="ClusterOptions"/>.</summary>
    public ClusterOptions? Options { get; init; }

    /// <summary>Where groups keep their history, shared by all servers. Default: null, each server keeps its own, in memory.</summary>
    public IHistoryStore? History { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider? TimeProvider { get; init; }

    /// <summary>Logs joins, leaves, gaps and failures. Default: nothing is logged.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Makes the meter for what the cluster counts. Default: null, it is only in <see cref="Cluster.Statistics"/>.</summary>
    public IMeterFactory? MeterFactory { get; init; }
}

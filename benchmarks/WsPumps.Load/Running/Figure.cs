namespace WsPumps.Load.Running;

/// <summary>Something that is measured.</summary>
/// <param name="Key">Its name in the JSON file.</param>
/// <param name="Header">Its name in the table.</param>
/// <param name="Format">How it is printed.</param>
internal sealed record Figure(string Key, string Header, string Format)
{
    public static readonly Figure Cpu = new("cpuMicroseconds", "CPU µs", "0.00");
    public static readonly Figure User = new("userMicroseconds", "user", "0.00");
    public static readonly Figure System = new("systemMicroseconds", "system", "0.00");
    public static readonly Figure PerSecond = new("perSecond", "per s", "#,0");
    public static readonly Figure P50 = new("p50Microseconds", "p50 µs", "#,0");
    public static readonly Figure P99 = new("p99Microseconds", "p99 µs", "#,0");
    public static readonly Figure Max = new("maxMicroseconds", "max µs", "#,0");
    public static readonly Figure P99Alone = new("p99MicrosecondsWithoutStalled", "p99 µs without", "#,0");
    public static readonly Figure P99Ratio = new("p99Ratio", "ratio", "0.00");
    public static readonly Figure GivenUp = new("stalledGivenUp", "given up", "0");
    public static readonly Figure ResidentPerConnection = new("residentKiBPerConnection", "RSS KiB each", "0.0");
    public static readonly Figure HeapPerConnection = new("heapKiBPerConnection", "heap KiB each", "0.00");
    public static readonly Figure Resident = new("residentMiB", "RSS MiB", "0");
    public static readonly Figure ServerShare = new("serverCpuPercent", "server %", "0.0");
    public static readonly Figure LoadShare = new("loadCpuPercent", "load %", "0.0");

    public static readonly Figure P999 = new("p999Microseconds", "p99.9 µs", "#,0");
    public static readonly Figure CpuCold = new("cpuMicrosecondsCold", "CPU µs cold", "0.00");
    public static readonly Figure CpuPlain = new("cpuMicrosecondsPlain", "CPU µs plain", "0.00");
    public static readonly Figure CpuRatio = new("cpuRatio", "ratio", "0.00");

    /// <summary>Those of <see cref="Scenarios.Levels"/>.</summary>
    private static readonly int[] AllLevels = [1, 4, 16, 64];

    /// <summary>In the order of the table's columns.</summary>
    public static IReadOnlyList<Figure> All { get; } =
    [
        .. AllLevels.SelectMany(level => new[] { CpuAt(level), UserAt(level) }),
        Cpu, CpuCold, CpuPlain, CpuRatio, User, System, PerSecond, P50, P99, P999, Max, P99Alone, P99Ratio, GivenUp,
        ResidentPerConnection, HeapPerConnection, Resident, ServerShare, LoadShare,
    ];

    /// <summary>CPU with so many in flight.</summary>
    public static Figure CpuAt(int level) => new($"cpuMicroseconds{level}", $"CPU µs {level}", "0.00");

    /// <summary>The part of it that is spent in user code.</summary>
    public static Figure UserAt(int level) => new($"userMicroseconds{level}", "user", "0.00");
}

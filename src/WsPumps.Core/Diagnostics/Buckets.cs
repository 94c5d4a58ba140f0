namespace WsPumps.Diagnostics;

/// <summary>The bounds that histograms suggest to whoever collects them.</summary>
internal static class Buckets
{
    /// <summary>Seconds of what should take microseconds.</summary>
    public static readonly double[] Tiny = [0.00001, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

    /// <summary>Seconds of what should take milliseconds: those of HTTP requests in OpenTelemetry's conventions.</summary>
    public static readonly double[] Short = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>Numbers of clients.</summary>
    public static readonly int[] Counts = [0, 1, 10, 100, 1_000, 10_000, 100_000];
}

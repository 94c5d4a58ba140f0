using System.Diagnostics;
using WsPumps.Load.Client;
using WsPumps.Load.Platform;

namespace WsPumps.Load.Running;

/// <summary>A stretch of time, and what both sides did in it.</summary>
internal sealed class Measurement(ServerProcess server, LoadLoop load)
{
    private readonly Usage _before = server.Usage;
    private readonly TimeSpan _idleBefore = load.Idle;
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    /// <summary>What the processes used, with nothing that is counted.</summary>
    public Sample Finish()
    {
        var elapsed = Stopwatch.GetElapsedTime(_startedAt);
        var after = server.Usage;
        return new Sample(new Dictionary<Figure, double>
        {
            [Figure.Resident] = after.ResidentBytes / (1024.0 * 1024),
            [Figure.ServerShare] = 100 * (after.Total - _before.Total) / elapsed,
            [Figure.LoadShare] = 100 * (1 - ((load.Idle - _idleBefore) / elapsed)),
        });
    }

    /// <param name="count">How many messages, or connects, took place.</param>
    /// <param name="latency">How long they took; null where that cannot be known.</param>
    public Sample Finish(long count, LatencyHistogram? latency)
    {
        var elapsed = Stopwatch.GetElapsedTime(_startedAt);
        var after = server.Usage;
        var sample = Finish().With(
            (Figure.Cpu, (after.Total - _before.Total).TotalMicroseconds / count),
            (Figure.User, (after.User - _before.User).TotalMicroseconds / count),
            (Figure.System, (after.System - _before.System).TotalMicroseconds / count),
            (Figure.PerSecond, count / elapsed.TotalSeconds));
        return latency is null ? sample : sample.With(
            (Figure.P50, latency.Quantile(0.5)),
            (Figure.P99, latency.Quantile(0.99)),
            (Figure.P999, latency.Quantile(0.999)),
            (Figure.Max, latency.Max));
    }
}

using WsPumps.Load.Running;

namespace WsPumps.Load.Reports;

/// <summary>All targets, each as a ratio in one run.</summary>
internal static class TargetList
{
    public const string Cold = "cold";
    public const string Tls = "tls";
    public const string Http2 = "http2";
    public const string Stream = "stream";
    public const string Sleeping = "sleeping";

    private static readonly int[] FanOutLevels = [1, 4, 16, 64];

    public static IEnumerable<Target> Create(string ours, string overStream, string byHand, string floor)
    {
        double[] direct = [1.15, 1.3, 1.35, 1.6];
        double[] stream = [1.3, 1.6, 1.8, 2.2];
        foreach (var (level, limit) in FanOutLevels.Zip(direct))
            yield return Of($"fan-out, {level} in flight, over the floor", limit, "fanout", ours, "fanout", floor, Figure.CpuAt(level));
        foreach (var (level, limit) in FanOutLevels.Zip(stream))
            yield return Of($"fan-out over Kestrel's stream, {level} in flight, over the floor", limit, Stream, overStream, "fanout", floor, Figure.CpuAt(level));
        foreach (var level in FanOutLevels)
            yield return Of($"fan-out over TLS, {level} in flight, against hand-written", 0.6, Tls, ours, Tls, byHand, Figure.CpuAt(level));
        foreach (var level in FanOutLevels)
            yield return Of($"fan-out over HTTP/2, {level} in flight, against hand-written", 0.6, Http2, ours, Http2, byHand, Figure.CpuAt(level));
        yield return new Target("fan-out, 16 in flight, seconds 1 to 3 after a cold start over warm", 1.3, look => look(Cold, ours, Figure.CpuRatio));
        yield return Of("echo, 1 on the way, against hand-written", 0.85, "echo", ours, "echo", byHand, Figure.CpuAt(1));
        yield return Of("the same, the load side asleep", 0.85, Sleeping, ours, Sleeping, byHand, Figure.CpuAt(1));
        yield return Of("echo, 16 on the way, against hand-written", 0.35, "echo", ours, "echo", byHand, Figure.CpuAt(16));
        yield return Of("echo, 16 on the way, over the floor", 1.8, "echo", ours, "echo", floor, Figure.CpuAt(16));
        yield return Of("memory of an idle connection against hand-written", 0.7, "idle", ours, "idle", byHand, Figure.ResidentPerConnection);
        yield return Of("10,000 clients, 16 in flight, over the floor", 1.4, "fanout-10000-clients-16", ours, "fanout-10000-clients-16", floor, Figure.Cpu);
        yield return Of("connect, register, close against hand-written", 1.0, "connects", ours, "connects", byHand, Figure.Cpu);
        yield return Of("p99 of delivery at half load over the floor", 1.5, "fanout-half-load", ours, "fanout-half-load", floor, Figure.P99);
        yield return new Target("compressed JSON over as many plain bytes", 1.2, look => look("broadcast-compressed", ours, Figure.CpuRatio));
    }

    private static Target Of(string about, double limit, string part, string server, string otherPart, string otherServer, Figure figure) =>
        new(about, limit, look => look(part, server, figure) / look(otherPart, otherServer, figure));
}

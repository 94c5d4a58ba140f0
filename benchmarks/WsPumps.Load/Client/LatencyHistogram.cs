using System.Numerics;

namespace WsPumps.Load.Client;

/// <summary>Counts durations in buckets that are 3 % wide, so that any number of them takes the same memory.</summary>
internal sealed class LatencyHistogram
{
    private const int BucketsPerOctaveBits = 5;
    private const int BucketsPerOctave = 1 << BucketsPerOctaveBits;

    private readonly long[] _counts = new long[BucketsPerOctave * 40];
    private long _count;

    public double Max { get; private set; }

    public void Add(double microseconds)
    {
        // Tenths of a microsecond: more than the clock resolves.
        _counts[BucketOf((ulong)(microseconds * 10))]++;
        _count++;
        Max = Math.Max(Max, microseconds);
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        _count += other._count;
        Max = Math.Max(Max, other.Max);
    }

    /// <returns>The upper edge of the bucket in which the share of the durations is reached.</returns>
    public double Quantile(double share)
    {
        var wanted = (long)Math.Ceiling(_count * share);
        var bucket = 0;
        for (var seen = _counts[0]; seen < wanted; seen += _counts[bucket])
            bucket++;
        return Math.Min(Max, UpperEdge(bucket) / 10.0);
    }

    private static int BucketOf(ulong value)
    {
        if (value < BucketsPerOctave)
            return (int)value;

        var shift = BitOperations.Log2(value) - BucketsPerOctaveBits;
        return ((shift + 1) << BucketsPerOctaveBits) + (int)((value >> shift) - BucketsPerOctave);
    }

    private static ulong UpperEdge(int bucket)
    {
        var shift = (bucket >> BucketsPerOctaveBits) - 1;
        return shift < 0 ? (ulong)bucket + 1 : (ulong)((bucket & (BucketsPerOctave - 1)) + BucketsPerOctave + 1) << shift;
    }
}

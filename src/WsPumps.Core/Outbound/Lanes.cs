namespace WsPumps.Outbound;

/// <summary>As many lanes as there are processors. A client belongs to one of them all its life.</summary>
internal sealed class Lanes
{
    public static readonly Lanes Shared = new(Environment.ProcessorCount);

    private readonly Lane[] _lanes;
    private int _next;

    public Lanes(int count) => _lanes = [.. Enumerable.Range(0, count).Select(index => new Lane(index))];

    /// <summary>The lane for one more client.</summary>
    public Lane Next() => _lanes[(int)((uint)Interlocked.Increment(ref _next) % (uint)_lanes.Length)];
}

namespace WsPumps.Outbound;

/// <summary>How many messages a client's queue has dropped, by reason. Made with the first drop: most clients never have one.</summary>
internal sealed class DropCounters
{
    private static readonly int Reasons = Enum.GetValues<DropReason>().Length;

    private readonly long[] _counts = new long[Reasons];
    private readonly long[] _taken = new long[Reasons];

    public void Add(DropReason reason) => _counts[(int)reason]++;

    /// <summary>Adds what has come since the last time. For one caller at a time, beside <see cref="Add"/>.</summary>
    public void Take(Span<long> sums)
    {
        for (var i = 0; i < Reasons; i++)
        {
            var count = Volatile.Read(ref _counts[i]);
            sums[i] += count - _taken[i];
            _taken[i] = count;
        }
    }
}

namespace WsPumps.Testing.Links;

/// <summary>
/// The faults of one direction by a seed. Where they happen is counted in bytes, not in writes: how a sender happens to join its writes
/// changes nothing.
/// </summary>
internal sealed class FaultSchedule
{
    private readonly FaultPlan _plan;
    private readonly Random _random;
    private readonly long? _cutAt;
    private long _position;
    private long _pieceEnd;

    public FaultSchedule(FaultPlan plan, int seed)
    {
        (_plan, _random) = (plan, new Random(seed));
        if (_random.NextDouble() < plan.CutProbability)
            _cutAt = _random.NextInt64(1, plan.MaxBytesToCut + 1);
        NextPiece();
    }

    /// <summary>How many bytes more arrive before the connection breaks; null for all.</summary>
    public long? BytesToCut => _cutAt - _position;

    /// <summary>How long the piece that comes next is held back.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>What comes before the next piece and was sent by nobody; null for nothing.</summary>
    public byte[]? Garbage { get; private set; }

    /// <summary>How many bytes arrive together next, out of so many that wait.</summary>
    public int PieceOf(long waiting) => (int)Math.Min(waiting, _pieceEnd - _position);

    public void Arrived(int bytes)
    {
        _position += bytes;
        Garbage = null;
        Delay = TimeSpan.Zero;
        if (_position == _pieceEnd)
            NextPiece();
    }

    private void NextPiece()
    {
        _pieceEnd = _position + (_plan.MaxPieceSize is { } size ? _random.Next(1, size + 1) : int.MaxValue);
        Delay = TimeSpan.FromTicks((long)(_plan.MaxDelay.Ticks * _random.NextDouble()));
        if (_random.NextDouble() >= _plan.GarbageProbability)
            return;

        Garbage = new byte[_random.Next(1, 64)];
        _random.NextBytes(Garbage);
    }
}

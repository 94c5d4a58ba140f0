using WsPumps.Framing;

namespace WsPumps.Outbound;

/// <summary>
/// Control frames that wait: they go ahead of the messages and are not counted against the bounds. Their number is a bound in itself: the
/// answers to the latest pings (RFC 6455, section 5.5.3, asks for the last one only), and one ping of our own, because one is outstanding
/// at most.
/// </summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct ControlSlots
{
    public const int MaxPongs = 16;

    private Queue<PreparedMessage>? _pongs;
    private PreparedMessage? _ping;

    public readonly bool IsEmpty => _ping is null && _pongs is not { Count: > 0 };

    public void Set(PreparedMessage frame)
    {
        if (frame.Opcode is not Opcode.Pong)
        {
            _ping = frame;
            return;
        }

        _pongs ??= new Queue<PreparedMessage>();
        if (_pongs.Count == MaxPongs)
            _pongs.Dequeue();
        _pongs.Enqueue(frame);
    }

    /// <summary>Moves the frames into <paramref name="batch"/>, which is empty.</summary>
    public void Take(Batch batch)
    {
        while (_pongs is not null && _pongs.TryDequeue(out var pong))
            batch.Add(pong);
        if (_ping is not null)
            batch.Add(_ping);
        _ping = null;
    }
}

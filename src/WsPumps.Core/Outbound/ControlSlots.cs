using WsPumps.Framing;

namespace WsPumps.Outbound;

/// <summary>
/// Control frames that wait: they go ahead of the messages and are not counted against the bounds. A slot for each is a bound
/// in itself: a pong answers the latest ping only (RFC 6455, section 5.5.3), and one ping is outstanding at most.
/// </summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct ControlSlots
{
    private PreparedMessage? _pong;
    private PreparedMessage? _ping;

    public readonly bool IsEmpty => _pong is null && _ping is null;

    public void Set(PreparedMessage frame)
    {
        if (frame.Opcode is Opcode.Pong)
            _pong = frame;
        else
            _ping = frame;
    }

    /// <summary>Moves the frames to the start of <paramref name="batch"/>.</summary>
    public void Take(Span<PreparedMessage> batch, out int count, out int bytes)
    {
        (count, bytes) = (0, 0);
        Take(ref _pong, batch, ref count, ref bytes);
        Take(ref _ping, batch, ref count, ref bytes);
    }

    private static void Take(ref PreparedMessage? slot, Span<PreparedMessage> batch, ref int count, ref int bytes)
    {
        if (slot is null)
            return;

        batch[count++] = slot;
        bytes += slot.FrameLength;
        slot = null;
    }
}

namespace WsPumps.Load.Client;

/// <summary>What one connection has still to send. Large memory is let go when all has left.</summary>
internal sealed class OutgoingBytes(Wire wire, Action<bool> watchWriting)
{
    private const int Kept = 64 * 1024;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>Whether the socket takes no more for now.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>Room for bytes that the next <see cref="Flush"/> sends.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_end + length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_end + length, _bytes.Length * 2));
        _end += length;
        return _bytes.AsSpan(_end - length, length);
    }

    /// <returns>False when the connection is gone.</returns>
    public bool Flush()
    {
        while (_start < _end || wire.HasPending)
        {
            var sent = wire.Send(_bytes.AsSpan(_start, _end - _start));
            if (sent < 0)
                return sent == Wire.NotNow && Block(true);

            _start += sent;
            if (_start == _end && wire.HasPending)
                return Block(true);
        }

        (_start, _end) = (0, 0);
        if (_bytes.Length > Kept)
            _bytes = [];
        return Block(false);
    }

    private bool Block(bool blocked)
    {
        if (IsBlocked != blocked)
            watchWriting(blocked);
        IsBlocked = blocked;
        return true;
    }
}

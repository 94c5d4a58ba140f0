namespace WsPumps.Load.Protocols;

/// <summary>
/// Follows the messages of one connection through the pieces in which they arrive. It keeps the first bytes of each, up to
/// the time stamp, and skips the rest without touching it.
/// </summary>
internal abstract class MessageSplitter(int headLength)
{
    private readonly byte[] _head = new byte[headLength];
    private int _taken;

    /// <param name="payload">A piece of a frame's payload.</param>
    /// <param name="endsMessage">Whether it is the last one of its WebSocket message.</param>
    /// <param name="receiver">Told what was found.</param>
    public abstract void Feed(ReadOnlySpan<byte> payload, bool endsMessage, IMessageReceiver receiver);

    protected void Take(ReadOnlySpan<byte> bytes)
    {
        if (_taken == _head.Length || bytes.IsEmpty)
            return;

        var length = Math.Min(bytes.Length, _head.Length - _taken);
        bytes[..length].CopyTo(_head.AsSpan(_taken));
        _taken += length;
    }

    /// <summary>Ends a message and returns its head, or as much as there was of it.</summary>
    protected ReadOnlySpan<byte> Finish()
    {
        var head = _head.AsSpan(0, _taken);
        _taken = 0;
        return head;
    }
}

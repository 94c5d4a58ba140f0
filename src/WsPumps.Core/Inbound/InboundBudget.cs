namespace WsPumps.Inbound;

/// <summary>
/// What waits for handlers, of all connections together. Where it is too much, a connection is not read while anything of its own waits:
/// each of them goes on with its own handler, and nobody has to be woken for another.
/// </summary>
internal sealed class InboundBudget(long maxBytes)
{
    private long _bytes;

    public bool IsPassed => Volatile.Read(ref _bytes) >= maxBytes;

    public void Charge(long bytes) => Interlocked.Add(ref _bytes, bytes);
}

namespace WsPumps.Outbound;

/// <summary>The newest value of a conflation key.</summary>
internal sealed class KeyedMessage
{
    public MessageKey Key;
    public QueuedMessage Item;

    /// <summary>The number of the first message without a key that comes after it.</summary>
    public long GoesBefore;

    /// <summary>In the order in which the keys came; then the next spare one.</summary>
    public KeyedMessage? Next;

    public KeyedMessage? NextInBucket;
}

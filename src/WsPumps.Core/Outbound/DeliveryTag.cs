namespace WsPumps.Outbound;

/// <summary>
/// Which message of a cluster this is. Messages have one while a session moves from one server to another, and both get them: it gets each
/// from one of the two.
/// </summary>
/// <param name="channel">The channel that it was published on.</param>
/// <param name="origin">The node that has published it.</param>
/// <param name="sequence">Its number there; <see cref="None"/> as long as it has none.</param>
internal sealed class DeliveryTag(int channel, ulong origin, long sequence)
{
    /// <summary>Later than every number.</summary>
    public const long None = long.MaxValue;

    private long _sequence = sequence;

    public int Channel => channel;

    public ulong Origin => origin;

    public long Sequence
    {
        get => Volatile.Read(ref _sequence);
        set => Volatile.Write(ref _sequence, value);
    }
}

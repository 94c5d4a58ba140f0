namespace WsPumps.Outgoing;

/// <summary>What became of messages. Changed under the lock of the queue, read by anybody.</summary>
internal sealed class SendCounters(ReconnectingMetrics? metrics)
{
    private readonly long[] _settled = new long[(int)SendResult.Closed + 1];
    private long _refused;
    private long _canceled;

    public long this[SendResult result] => Volatile.Read(ref _settled[(int)result]);

    public long RefusedMessages => Volatile.Read(ref _refused);

    public long CanceledMessages => Volatile.Read(ref _canceled);

    public void Settled(SendResult result) => Volatile.Write(ref _settled[(int)result], _settled[(int)result] + 1);

    public void Canceled() => Volatile.Write(ref _canceled, _canceled + 1);

    public void Refused() => Volatile.Write(ref _refused, _refused + 1);

    /// <summary>Tells whoever listens to the metrics. Without the lock: that is their code.</summary>
    public void Tell(SendResult result) => metrics?.Settled(result);
}

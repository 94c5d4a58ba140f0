namespace WsPumps.Outbound;

/// <summary>
/// Reads what a client has waiting into a batch. Clients that are read one after the other, as after a broadcast, often have the very same
/// frames waiting: they get the same batch. For one thread at a time.
/// </summary>
internal sealed class BatchBuilder
{
    [ThreadStatic]
    private static BatchBuilder? _ofThread;

    private Batch? _latest;
    private Batch? _spare;

    /// <summary>What is written may call back to this thread, where peers are in memory: that one gets another builder.</summary>
    public static BatchBuilder TakeOfThread()
    {
        var builder = _ofThread ?? new BatchBuilder();
        _ofThread = null;
        return builder;
    }

    /// <summary>What <see cref="TakeOfThread"/> gave, when the turn has ended.</summary>
    public void GiveBack()
    {
        Clear();
        _ofThread = this;
    }

    /// <returns>Empty when nothing waits. To be given back with <see cref="Batch.Release"/>.</returns>
    public Batch Read(OutboundQueue queue)
    {
        var batch = _spare ?? Batch.Rent();
        _spare = null;
        queue.Read(batch);
        if (_latest is not null && !batch.IsEmpty && _latest.Holds(batch))
        {
            batch.Clear();
            _spare = batch;
            _latest.Use();
            return _latest;
        }

        batch.Use();
        if (batch.IsEmpty)
            return batch;

        batch.Join();
        _latest?.Release();
        _latest = batch;
        batch.Use();
        return batch;
    }

    /// <summary>Releases everything it holds.</summary>
    public void Clear()
    {
        _latest?.Release();
        _latest = null;
    }
}

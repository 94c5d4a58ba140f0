namespace WsPumps.Outbound;

/// <summary>What a change of the queue has brought about, collected under its lock and acted on when the lock is released.</summary>
internal record struct QueueNotice
{
    /// <summary>The reader, when it rested and there is something for it.</summary>
    public IThreadPoolWorkItem? Reader { get; set; }

    public bool IsOverBudget { get; set; }

    public bool PassedWatermark { get; set; }

    /// <summary>What was dropped and why; null also when nobody wants to know.</summary>
    public List<(PreparedMessage Message, DropReason Reason)>? Dropped { get; set; }

    /// <summary>The messages somebody waits for, that will not be written.</summary>
    public List<PreparedMessage>? Settled { get; private set; }

    public void Settle(PreparedMessage message)
    {
        if (message.IsTracked)
            (Settled ??= []).Add(message);
    }
}

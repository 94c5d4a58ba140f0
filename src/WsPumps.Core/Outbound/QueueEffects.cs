namespace WsPumps.Outbound;

/// <summary>What a change of the queue has brought about: collected under its lock, and acted on when the lock is released.</summary>
internal record struct QueueEffects
{
    private WaitingWrite? _lastAdmitted;

    /// <summary>Whether the write pump rested and there is something for it.</summary>
    public bool WakesPump { get; set; }

    public bool IsOverBudget { get; set; }

    /// <summary>Whether the budget does not know the queue yet.</summary>
    public bool NeedsWatch { get; set; }

    public bool PassedWatermark { get; set; }

    /// <summary>Whether there was no room although only newest values of keys were left.</summary>
    public bool HasTooManyKeys { get; set; }

    /// <summary>What was dropped and why; null also when nobody wants to know.</summary>
    public List<(PreparedMessage Message, DropReason Reason)>? Dropped { get; set; }

    /// <summary>The messages somebody waits for, that will not be written.</summary>
    public List<PreparedMessage>? Settled { get; private set; }

    /// <summary>The first of the callers whose message was let in.</summary>
    public WaitingWrite? Admitted { get; private set; }

    /// <summary>Whether there is anything to tell that is not brief: subscribers are user code.</summary>
    public readonly bool HasNews => Dropped is not null || PassedWatermark || HasTooManyKeys;

    public void Settle(PreparedMessage message)
    {
        if (message.IsTracked)
            (Settled ??= []).Add(message);
    }

    public void Admit(WaitingWrite write)
    {
        if (_lastAdmitted is null)
            Admitted = write;
        else
            _lastAdmitted.Next = write;
        _lastAdmitted = write;
    }
}

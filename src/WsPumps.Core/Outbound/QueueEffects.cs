namespace WsPumps.Outbound;

/// <summary>What a change of the queue has brought about: collected under its lock, and acted on when the lock is released.</summary>
internal record struct QueueEffects
{
    private WaitingWrite? _firstAdmitted;
    private WaitingWrite? _lastAdmitted;
    private List<PreparedMessage>? _settled;

    /// <summary>Whether the write pump rested and there is something for it.</summary>
    public bool WakesPump { get; set; }

    /// <summary>Whether it may write on this thread.</summary>
    public bool WakesHere { get; set; }

    public bool IsOverBudget { get; set; }

    /// <summary>Whether the budget does not know the queue yet.</summary>
    public bool NeedsWatch { get; set; }

    public bool PassedWatermark { get; set; }

    /// <summary>Whether there was no room although only newest values of keys were left.</summary>
    public bool HasTooManyKeys { get; set; }

    /// <summary>How many buckets the keys need, which are not to be made under the lock; 0 while they have enough.</summary>
    public int WantedKeys { get; set; }

    /// <summary>What was dropped and why; null also when nobody wants to know.</summary>
    public List<(PreparedMessage Message, DropReason Reason)>? Dropped { get; set; }

    /// <summary>The message that is streamed, whose writer is to be told.</summary>
    public StreamedMessage? Released { get; set; }

    /// <summary>Whether there is anything to tell that is not brief: subscribers are user code.</summary>
    public readonly bool HasNews => Dropped is not null || PassedWatermark || HasTooManyKeys;

    /// <summary>Somebody may wait for the message, which will not be written.</summary>
    public void Settle(PreparedMessage message)
    {
        if (message.IsTracked)
            (_settled ??= []).Add(message);
    }

    /// <summary>The message of a caller that waited was let in.</summary>
    public void Admit(WaitingWrite write)
    {
        if (_lastAdmitted is null)
            _firstAdmitted = write;
        else
            _lastAdmitted.Next = write;
        _lastAdmitted = write;
    }

    /// <summary>Tells those who wait, for room or for what becomes of a message.</summary>
    public readonly void CompleteWrites()
    {
        for (var write = _firstAdmitted; write is not null;)
        {
            var next = write.Next;
            write.Next = null;
            write.Complete(WriteResult.Queued);
            write = next;
        }

        Released?.Room.Set(true);
        _settled?.ForEach(static message => message.Settle(handedOver: false));
    }
}

namespace WsPumps.Outbound;

/// <summary>The callers that wait for room, in their order.</summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct WaitingWrites
{
    private WaitingWrite? _last;

    public WaitingWrite? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>The payload bytes of their messages.</summary>
    public long Bytes { get; private set; }

    public void Add(WaitingWrite write)
    {
        write.IsWaiting = true;
        write.Previous = _last;
        if (_last is null)
            First = write;
        else
            _last.Next = write;
        _last = write;
        Count++;
        Bytes += write.Message.Length;
    }

    /// <returns>False when it no longer waits.</returns>
    public bool Remove(WaitingWrite write)
    {
        if (!write.IsWaiting)
            return false;

        if (write.Previous is null)
            First = write.Next;
        else
            write.Previous.Next = write.Next;
        if (write.Next is null)
            _last = write.Previous;
        else
            write.Next.Previous = write.Previous;
        (write.Previous, write.Next, write.IsWaiting) = (null, null, false);
        Count--;
        Bytes -= write.Message.Length;
        return true;
    }

    /// <summary>Ends all waiting.</summary>
    public void CompleteAll(WriteResult result)
    {
        while (First is { } write)
        {
            Remove(write);
            write.Complete(result);
        }
    }
}

namespace WsPumps.Outgoing;

/// <summary>One accepted message, which is settled once. What changes belongs to the queue and is changed under its lock.</summary>
internal sealed class OutgoingMessage(PreparedMessage message, long expires)
{
    private TaskCompletionSource<SendResult>? _waiting;
    private volatile bool _isSettled;

    public PreparedMessage Message => message;

    /// <summary>The timestamp of the clock from which on it is no longer sent.</summary>
    public long Expires => expires;

    /// <summary>Its number in the session, from 1 on, once a connection has accepted it.</summary>
    public long Number { get; set; }

    /// <summary>Its place in the queue while it waits; null once it was taken or settled.</summary>
    public LinkedListNode<OutgoingMessage>? Waiting { get; set; }

    /// <summary>Whether its end is counted already, or nobody waits for it.</summary>
    public bool IsSettled => _isSettled;

    /// <summary>What became of it, once it is settled.</summary>
    public SendResult Result { get; private set; }

    public void Settle(SendResult result)
    {
        Result = result;
        _isSettled = true;
    }

    /// <summary>Tells who waits. To be called without the lock, once it is settled.</summary>
    public void Tell()
    {
        // Who comes to wait sees that it is settled, or is seen here.
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _waiting)?.TrySetResult(Result);
    }

    /// <summary>Waits until it is settled. Most are by the time somebody would wait: those cost no task.</summary>
    public Task<SendResult> WhenSettledAsync()
    {
        var waiting = new TaskCompletionSource<SendResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting = Interlocked.CompareExchange(ref _waiting, waiting, null) ?? waiting;
        if (_isSettled)
            waiting.TrySetResult(Result);
        return waiting.Task;
    }
}

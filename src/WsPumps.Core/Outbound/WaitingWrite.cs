namespace WsPumps.Outbound;

/// <summary>A caller that waits for room, with its message. Continuations never run on the thread that makes the room.</summary>
internal sealed class WaitingWrite(PreparedMessage message, long expiresAt, OutboundQueue queue)
    : TaskCompletionSource<WriteResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public PreparedMessage Message { get; } = message;

    public long ExpiresAt { get; } = expiresAt;

    /// <summary>Its neighbours, while it waits; then the next one that is to be told. Guarded by the queue.</summary>
    public WaitingWrite? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    public WaitingWrite? Next { get; set; }

    /// <summary>Whether it is in the list of those who wait. Guarded by the queue.</summary>
    public bool IsWaiting { get; set; }

    public void Complete(WriteResult result)
    {
        // The way of the result to whoever waits is work too.
        queue.Work?.Begin();
        if (!TrySetResult(result))
            queue.Work?.End();
    }

    public async Task<WriteResult> WaitAsync(CancellationToken cancellationToken)
    {
        var registration = cancellationToken.UnsafeRegister(static (write, token) => ((WaitingWrite)write!).Cancel(token), this);
        await using (registration.ConfigureAwait(false))
        {
            try
            {
                return await Task.ConfigureAwait(false);
            }
            finally
            {
                queue.Work?.End();
            }
        }
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        // Whoever takes it out of the list decides what becomes of it.
        if (!queue.TryRemove(this))
            return;

        queue.Work?.Begin();
        if (!TrySetCanceled(cancellationToken))
            queue.Work?.End();
    }
}

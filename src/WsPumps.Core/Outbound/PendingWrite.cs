namespace WsPumps.Outbound;

/// <summary>A caller that waits for room, with its message. Continuations never run on the thread that makes the room.</summary>
internal sealed class PendingWrite(PreparedMessage message, OutboundChannel channel)
    : TaskCompletionSource<WriteResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public PreparedMessage Message { get; } = message;

    public async Task<WriteResult> WaitAsync(CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(static (pending, token) => ((PendingWrite)pending!).Cancel(token), this).ConfigureAwait(false))
            return await Task.ConfigureAwait(false);
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        if (TrySetCanceled(cancellationToken))
            channel.OnCancelled();
    }
}

namespace WsPumps.Sessions;

/// <summary>
/// What a session keeps of what it has sent, here and where it was before: from it a peer that comes back gets what it lacks. Takes the
/// lock that it shares with <see cref="SessionConnections"/>, for what may be called at any time.
/// </summary>
internal sealed class KeptMessages(SentMessages sent, Lock shared)
{
    /// <summary>How many messages were sent before the first one of this process.</summary>
    private long _sentElsewhere;

    /// <summary>The most messages that the peer has told to have received, where it could be sent the rest.</summary>
    private long _received;

    /// <summary>Who waits until so many messages are kept.</summary>
    private (long Count, TaskCompletionSource Reached)? _awaited;

    /// <summary>Goes on with what was sent elsewhere. Before anything is sent here; under the lock.</summary>
    /// <param name="received">How many messages the peer has received.</param>
    /// <param name="lacking">What it lacks of those that were sent.</param>
    /// <param name="now">When that is.</param>
    public void Continue(long received, IReadOnlyList<PreparedMessage> lacking, long now)
    {
        sent.BeginAfter(received);
        _received = received;
        foreach (var message in lacking)
            sent.Add(message, now);
        _sentElsewhere = sent.Count;
    }

    /// <summary>Keeps what is about to be sent, under the lock.</summary>
    /// <returns>Whether some of it cannot be sent again.</returns>
    public bool Keep(ReadOnlySpan<PreparedMessage> messages, long now)
    {
        var isStreamed = false;
        foreach (var message in messages)
        {
            if (message.IsStreamed)
                isStreamed = true;
            if (message is { IsStreamed: true, IsPartial: false })
                sent.AddUnkept();
            else if (message is { IsStreamed: false, IsControl: false })
                sent.Add(message, now);
        }

        if (_awaited is var (count, reached) && sent.Count >= count)
            reached.TrySetResult();
        return isStreamed;
    }

    /// <summary>What was promised to a peer, and what was sent since. Under the lock.</summary>
    /// <returns>Null when not all of it is kept.</returns>
    public PreparedMessage[]? Since(SentAgain promised) =>
        sent.Forgotten > promised.UpTo ? null : [.. promised.Messages, .. sent.After(promised.UpTo)];

    /// <summary>What a peer lacks, when all is kept that was taken to be written. Nothing may be taken any more.</summary>
    /// <param name="received">How many messages it has received.</param>
    /// <param name="taken">How many were taken in this process.</param>
    /// <returns>Null when not all of it is kept.</returns>
    public async Task<PreparedMessage[]?> LackingOfAllAsync(long received, long taken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (shared)
        {
            _awaited = (_sentElsewhere + taken, reached);
            if (sent.Count >= _sentElsewhere + taken)
                reached.TrySetResult();
        }

        await reached.Task.ConfigureAwait(false);
        lock (shared)
            return sent.ReachBack(received) ? sent.After(received) : null;
    }

    /// <summary>What a peer lacks that has received so many messages.</summary>
    /// <param name="received">How many.</param>
    /// <param name="missed">How many are lost for it for good; null where it cannot have received so many.</param>
    /// <returns>Null when it cannot be sent all that it lacks.</returns>
    public SentAgain? LackingAfter(long received, out long? missed)
    {
        lock (shared)
        {
            missed = received > sent.Count ? null : Math.Max(0, sent.Forgotten - received);
            if (!sent.ReachBack(received))
                return null;

            _received = Math.Max(_received, received);
            return new SentAgain(sent.After(received), sent.Count);
        }
    }

    /// <summary>Whether the peer has told of more messages than these before.</summary>
    public bool IsOutdated(long received)
    {
        lock (shared)
            return received < _received;
    }

    /// <summary>The payload bytes of what a peer lacks that has received so many messages.</summary>
    public long BytesAfter(long received)
    {
        lock (shared)
            return sent.BytesAfter(received);
    }

    /// <summary>Forgets what was sent before a moment.</summary>
    public void ForgetBefore(long timestamp)
    {
        lock (shared)
            sent.ForgetBefore(timestamp);
    }
}

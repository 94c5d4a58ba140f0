namespace WsPumps.Outgoing;

/// <summary>
/// What waits to be sent, oldest first, over all connections. Bounded in messages and bytes, those that are being handed over included.
/// Messages that have waited too long are settled when their time is over, whether there is a connection or not.
/// </summary>
/// <remarks>
/// One sends at a time: the sender of the connection, or, while that has nothing to send and rests, whoever adds a message, on its own
/// thread. No clock, timer, listener or completion is called under the lock.
/// </remarks>
internal sealed class OutgoingQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly AcceptedMessages _messages;
    private readonly TimeProvider _time;
    private readonly SendCounters _counters;
    private readonly ExpiryTimer _timer;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Sender? _resting;
    private bool _isSendingHere;
    private bool _completed;

    public OutgoingQueue(int maxMessages, long maxBytes, TimeProvider time, SendCounters counters)
    {
        (_messages, _time, _counters) = (new AcceptedMessages(maxMessages, maxBytes), time, counters);
        _timer = new ExpiryTimer(time, Expire);
    }

    public (int Messages, long Bytes) Size
    {
        get
        {
            lock (_lock)
                return (_messages.Count, _messages.Bytes);
        }
    }

    /// <summary>Accepts a message. Where nothing else is to be sent, it leaves on this thread, and is settled on return.</summary>
    /// <returns>The accepted message; or null, with the result that says why not.</returns>
    public OutgoingMessage? Add(PreparedMessage message, TimeSpan timeToLive, out SendResult refused)
    {
        // Of its options only the time to live counts, and only here: nobody but this class drops it.
        var plain = message.Options is null ? message : message.With(null);
        var added = new OutgoingMessage(plain, _time.GetTimestamp() + (long)(timeToLive.TotalSeconds * _time.TimestampFrequency));
        Sender? sender;
        bool isAccepted;
        lock (_lock)
            (isAccepted, sender) = TryAdd(added);

        refused = added.Result;
        if (!isAccepted)
        {
            if (refused is SendResult.Full)
                _counters.Tell(refused);
            return null;
        }

        if (sender is not null)
            SendHere(sender, added);
        else
            _timer.NotAfter(added.Expires);
        return added;
    }

    /// <summary>Waits until the sender has something to send: true; or nothing will ever be there: false.</summary>
    public async ValueTask<bool> WaitAsync(Sender sender, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                _resting = null;
                if (!_isSendingHere)
                {
                    if (_messages.HasWaiting || sender.HasUnfinished)
                        return true;
                    if (_completed)
                        return false;
                    _resting = sender;
                }

                changed = NextChange();
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>From now on nobody sends for it. Who does so now is waited for: a write to a connection never waits.</summary>
    public async ValueTask EndRestAsync()
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                _resting = null;
                if (!_isSendingHere)
                    return;
                changed = NextChange();
            }

            await changed.ConfigureAwait(false);
        }
    }

    /// <inheritdoc cref="AcceptedMessages.Take"/>
    public void Take(List<OutgoingMessage> taken, int atMost, long bytesAtMost)
    {
        lock (_lock)
            _messages.Take(taken, atMost, bytesAtMost);
    }

    /// <summary>Puts back what certainly was not sent, in front of all others; or ends it, where nothing more is sent.</summary>
    public void PutBack(ReadOnlySpan<OutgoingMessage> taken)
    {
        lock (_lock)
            _messages.PutBack(taken);
        Expire();
    }

    /// <summary>Says what became of a message that was taken. Only the first time counts.</summary>
    public void Settle(OutgoingMessage message, SendResult result)
    {
        lock (_lock)
        {
            if (message.IsSettled)
                return;
            Settled(message, result);
        }

        Tell(message);
    }

    /// <summary>Removes a message whose writer no longer waits. False when it has been taken or settled already.</summary>
    public bool Withdraw(OutgoingMessage message)
    {
        lock (_lock)
        {
            if (message.Waiting is null)
                return false;
            message.Settle(SendResult.Unknown);
            _messages.Release(message);
            _counters.Canceled();
            return true;
        }
    }

    /// <summary>Accepts nothing more. What waits may still be taken.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            _changed.TrySetResult();
        }
    }

    /// <summary>Accepts nothing more and ends what waits.</summary>
    public void Close()
    {
        Complete();
        EndWhere(static _ => true, SendResult.Closed);
    }

    public void Dispose() => _timer.Dispose();

    /// <returns>Whether it was accepted, and the sender that the caller sends it for.</returns>
    private (bool IsAccepted, Sender? Sender) TryAdd(OutgoingMessage message)
    {
        if (_completed || !_messages.HasRoomFor(message.Message))
        {
            message.Settle(_completed ? SendResult.Closed : SendResult.Full);
            if (!_completed)
                _counters.Refused();
            return (false, null);
        }

        var sender = _resting;
        _resting = null;
        _isSendingHere |= sender is not null;
        _messages.Add(message, waits: sender is null);
        if (sender is null)
            _changed.TrySetResult();
        return (true, sender);
    }

    private void SendHere(Sender sender, OutgoingMessage message)
    {
        var hasLeft = false;
        try
        {
            hasLeft = sender.TrySendHere(message);
        }
        finally
        {
            lock (_lock)
            {
                _isSendingHere = false;
                if (hasLeft)
                    Settled(message, SendResult.Sent);
                // Otherwise it goes on by itself, with what was added in the meantime, or with this message.
                if (hasLeft && !sender.HasEnded && !_completed && !_messages.HasWaiting && !_changed.Task.IsCompleted)
                    _resting = sender;
                else
                    _changed.TrySetResult();
            }
        }

        if (hasLeft)
            Tell(message);
    }

    private void Expire()
    {
        var now = _time.GetTimestamp();
        EndWhere(message => message.Expires <= now, SendResult.Expired);
        long? next;
        lock (_lock)
            next = _messages.NextExpiry;
        if (next is not null)
            _timer.NotAfter(next.Value);
    }

    private void EndWhere(Func<OutgoingMessage, bool> condition, SendResult result)
    {
        List<OutgoingMessage> ended;
        lock (_lock)
        {
            ended = _messages.WaitingWhere(condition);
            ended.ForEach(message => Settled(message, result));
        }

        ended.ForEach(Tell);
    }

    private void Settled(OutgoingMessage message, SendResult result)
    {
        message.Settle(result);
        _messages.Release(message);
        _counters.Settled(result);
    }

    private void Tell(OutgoingMessage message)
    {
        _counters.Tell(message.Result);
        message.Tell();
    }

    private Task NextChange()
    {
        if (_changed.Task.IsCompleted)
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return _changed.Task;
    }
}

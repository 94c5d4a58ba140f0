namespace WsPumps.Outgoing;

/// <summary>
/// What waits to be sent, oldest first, over all connections. Bounded in messages and bytes, those that are being handed over included.
/// Messages that have waited too long are settled when their time is over, whether there is a connection or not.
/// </summary>
internal sealed class OutgoingQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<OutgoingMessage> _waiting = new();
    private readonly int _maxMessages;
    private readonly long _maxBytes;
    private readonly TimeProvider _time;
    private readonly SendCounters _counters;
    private readonly ITimer _timer;
    private long _timerDue = long.MaxValue;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _messages;
    private long _bytes;
    private bool _completed;

    public OutgoingQueue(int maxMessages, long maxBytes, TimeProvider time, SendCounters counters)
    {
        (_maxMessages, _maxBytes, _time, _counters) = (maxMessages, maxBytes, time, counters);
        _timer = time.CreateTimer(static queue => ((OutgoingQueue)queue!).Expire(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    public (int Messages, long Bytes) Size
    {
        get
        {
            lock (_lock)
                return (_messages, _bytes);
        }
    }

    /// <returns>The accepted message; or null, with the result that says why not.</returns>
    public OutgoingMessage? Add(PreparedMessage message, TimeSpan timeToLive, out SendResult refused)
    {
        lock (_lock)
        {
            refused = _completed ? SendResult.Closed : SendResult.Full;
            if (_completed)
                return null;

            if (_messages == _maxMessages || _bytes + message.Length > _maxBytes)
            {
                _counters.Refused();
                return null;
            }

            // Of its options only the time to live counts, and only here: nobody but this class drops it.
            var plain = message.Options is null ? message : message.With(null);
            var added = new OutgoingMessage(plain, _time.GetTimestamp() + (long)(timeToLive.TotalSeconds * _time.TimestampFrequency));
            added.Waiting = _waiting.AddLast(added);
            _messages++;
            _bytes += message.Length;
            StartTimer(added.Expires);
            _changed.TrySetResult();
            return added;
        }
    }

    /// <summary>Waits until something can be taken: true; or nothing ever will: false.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_waiting.Count > 0)
                    return true;
                if (_completed)
                    return false;
                if (_changed.Task.IsCompleted)
                    _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the oldest ones. They count until they are settled or put back.</summary>
    public void Take(List<OutgoingMessage> taken, int maxMessages, long maxBytes)
    {
        lock (_lock)
        {
            while (_waiting.First is { } first && taken.Count < maxMessages && maxBytes > 0)
            {
                var message = first.Value;
                Remove(message);
                maxBytes -= message.Message.Length;
                taken.Add(message);
            }
        }
    }

    /// <summary>Puts back what certainly was not sent, in front of all others; or ends it, where nothing more is sent.</summary>
    public void PutBack(ReadOnlySpan<OutgoingMessage> taken)
    {
        lock (_lock)
        {
            for (var i = taken.Length - 1; i >= 0; i--)
                taken[i].Waiting = _waiting.AddFirst(taken[i]);
        }

        Expire();
    }

    /// <summary>Says what became of a message that was taken. Only the first time counts.</summary>
    public void Settle(OutgoingMessage message, SendResult result)
    {
        lock (_lock)
        {
            if (message.IsSettled)
                return;
            Release(message);
            _counters.Settled(result);
        }

        message.TrySetResult(result);
    }

    /// <summary>Removes a message whose writer no longer waits. False when it has been taken or settled already.</summary>
    public bool Withdraw(OutgoingMessage message)
    {
        lock (_lock)
        {
            if (message.Waiting is null)
                return false;
            Remove(message);
            Release(message);
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
        EndWhere(static (_, _) => true, SendResult.Closed);
    }

    public void Dispose() => _timer.Dispose();

    private void Expire()
    {
        EndWhere(static (message, now) => message.Expires <= now, SendResult.Expired);
        lock (_lock)
        {
            _timerDue = long.MaxValue;
            if (_waiting.Count > 0)
                StartTimer(_waiting.Min(static message => message.Expires));
        }
    }

    private void EndWhere(Func<OutgoingMessage, long, bool> condition, SendResult result)
    {
        List<OutgoingMessage> ended;
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            ended = [.. _waiting.Where(message => condition(message, now))];
            foreach (var message in ended)
            {
                Remove(message);
                Release(message);
                _counters.Settled(result);
            }
        }

        foreach (var message in ended)
            message.TrySetResult(result);
    }

    private void Remove(OutgoingMessage message)
    {
        _waiting.Remove(message.Waiting!);
        message.Waiting = null;
    }

    private void Release(OutgoingMessage message)
    {
        message.IsSettled = true;
        _messages--;
        _bytes -= message.Message.Length;
    }

    private void StartTimer(long due)
    {
        if (due >= _timerDue)
            return;

        _timerDue = due;
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), due);
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}

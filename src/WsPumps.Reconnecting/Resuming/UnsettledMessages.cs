using WsPumps.Outgoing;

namespace WsPumps.Resuming;

/// <summary>
/// Messages that a lost connection had accepted: the server tells at the resume which of them it has. When it does not in their time to
/// live, those who wait for them are told that it is unknown.
/// </summary>
internal sealed class UnsettledMessages : IDisposable
{
    private readonly OutgoingQueue _queue;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private volatile OutgoingMessage[] _messages = [];

    public UnsettledMessages(OutgoingQueue queue, TimeProvider time)
    {
        (_queue, _time) = (queue, time);
        _timer = time.CreateTimer(static self => ((UnsettledMessages)self!).SettleAll(SendResult.Unknown), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    public void Set(IEnumerable<OutgoingMessage> messages)
    {
        _messages = [.. messages];
        if (_messages.Length == 0)
            return;

        var wait = _time.GetElapsedTime(_time.GetTimestamp(), _messages.Max(static message => message.Expires));
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The server has these: what is behind them is sent again.</summary>
    public void Received(long number)
    {
        foreach (var message in _messages.Where(message => message.Number <= number))
            _queue.Settle(message, SendResult.Sent);
        _messages = [.. _messages.Where(message => message.Number > number)];
    }

    public void SettleAll(SendResult result)
    {
        foreach (var message in _messages)
            _queue.Settle(message, result);
        _messages = [];
    }

    /// <summary>They were lost again, with more that was sent after them.</summary>
    public IEnumerable<OutgoingMessage> Take()
    {
        var messages = _messages;
        _messages = [];
        return messages;
    }

    public void Dispose() => _timer.Dispose();
}

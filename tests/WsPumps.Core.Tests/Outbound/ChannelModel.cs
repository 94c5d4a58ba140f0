namespace WsPumps.Core.Tests.Outbound;

/// <summary>What an outbound channel should do, in the plainest words.</summary>
internal sealed class ChannelModel(int maxMessages, int maxBytes)
{
    private readonly List<PreparedMessage> _queued = [];
    private readonly List<PreparedMessage> _waiting = [];
    private PreparedMessage? _pong;
    private PreparedMessage? _ping;
    private bool _completed;

    public int Count => _queued.Count;

    public (long Messages, long Bytes) Discarded { get; private set; }

    /// <summary>What became of writes that had to wait.</summary>
    public Dictionary<PreparedMessage, WriteResult?> Outcomes { get; } = [];

    public WriteResult TryWrite(PreparedMessage message)
    {
        if (_completed)
            return WriteResult.Closed;
        if (message.Length > maxBytes)
            return WriteResult.TooLarge;

        Serve();
        if (_waiting.Count > 0 || !Fits(message))
            return WriteResult.Dropped;

        _queued.Add(message);
        return WriteResult.Queued;
    }

    /// <returns>Null: it waits.</returns>
    public WriteResult? Write(PreparedMessage message)
    {
        var result = TryWrite(message);
        if (result is not WriteResult.Dropped)
            return result;

        _waiting.Add(message);
        return null;
    }

    public void Cancel(PreparedMessage message)
    {
        if (_waiting.Remove(message))
            Outcomes[message] = null;
    }

    public void WritePong(PreparedMessage frame) => _pong = frame;

    public void WritePing(PreparedMessage frame) => _ping = frame;

    public void Complete(bool discard)
    {
        _completed = true;
        foreach (var message in _waiting)
            Outcomes[message] = WriteResult.Closed;
        _waiting.Clear();
        if (!discard)
            return;

        Discarded = (Discarded.Messages + _queued.Count, Discarded.Bytes + _queued.Sum(message => message.Length));
        _queued.Clear();
    }

    public List<PreparedMessage> Read(int maxCount, int maxFrameBytes)
    {
        List<PreparedMessage> read = [.. new[] { _pong, _ping }.OfType<PreparedMessage>()];
        (_pong, _ping) = (null, null);
        while (read.Count < maxCount && _queued.Count > 0)
        {
            if (read.Count > 0 && read.Sum(message => message.Frame.Length) + _queued[0].Frame.Length > maxFrameBytes)
                break;

            read.Add(_queued[0]);
            _queued.RemoveAt(0);
        }

        Serve();
        return read;
    }

    private bool Fits(PreparedMessage message) => _queued.Count < maxMessages && _queued.Sum(queued => queued.Length) + message.Length <= maxBytes;

    private void Serve()
    {
        while (_waiting.Count > 0 && Fits(_waiting[0]))
        {
            _queued.Add(_waiting[0]);
            Outcomes[_waiting[0]] = WriteResult.Queued;
            _waiting.RemoveAt(0);
        }
    }
}

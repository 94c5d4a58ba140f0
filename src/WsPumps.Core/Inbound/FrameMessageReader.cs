using WsPumps.Framing;

namespace WsPumps.Inbound;

/// <summary>Messages from the frames of a WebSocket of ours. What a header announces is refused before it has come.</summary>
internal sealed class FrameMessageReader(StreamWebSocket socket, int maxMessageSize, TimeProvider time)
    : MessageReader(maxMessageSize, time)
{
    private readonly FrameDecoder _decoder = socket.Decoder;
    private readonly TimeProvider _time = time;
    private CancellationTokenSource? _discarding;
    private MessageBuffer _message;
    private bool _messageEnded;
    private MessageInflation? _inflation;

    public override ReadOnlySpan<byte> ControlPayload => _decoder.ControlPayload;

    public override FrameError? Error => _decoder.Error;

    public override ReadOutcome Next(out ReceivedMessage message)
    {
        message = default;
        if (_messageEnded && Error is null)
            return TakeMessage(out message);

        while (true)
        {
            switch (_decoder.Next())
            {
                case FrameStep.Data when _decoder.PayloadLeft > (ulong)(MaxLength - _message.Length):
                    return ReadOutcome.TooBig;
                case FrameStep.Data when ReadPayload():
                    return TakeMessage(out message);
                case FrameStep.Data:
                    continue;
                case FrameStep.Error:
                    return ReadOutcome.Faulted;
                case FrameStep.NeedsBytes:
                    NoteProgress(!_decoder.IsAtRest);
                    return ReadOutcome.NeedsBytes;
                case FrameStep.Close:
                    socket.Closed(ControlPayload);
                    return ReadOutcome.Closed;
                case FrameStep.Ping:
                    Count(ControlPayload.Length);
                    return ReadOutcome.Ping;
                case FrameStep.Pong:
                    return ReadOutcome.Pong;
            }
        }
    }

    public override ValueTask<int> FillAsync()
    {
        if (_decoder.PayloadLeft > 0)
            _message.MakeRoom(0, (int)_decoder.PayloadLeft);
        return _decoder.FillAsync(_message.Room, CancellationToken.None);
    }

    public override bool Filled(int count)
    {
        if (!_decoder.Filled(count, out var direct))
            throw new EndOfStreamException("The connection ended without a close frame.");

        _message.Add(direct);
        if (direct > 0)
            FrameRead();
        return count > 0;
    }

    public override async Task DiscardAsync()
    {
        _discarding = new CancellationTokenSource();
        if (await _decoder.FindCloseAsync(_time, _discarding.Token).ConfigureAwait(false) is { } body)
            socket.Closed(body);
    }

    public override void Abort() => _ = _discarding?.CancelAsync();

    public override void Release()
    {
        _message.Clear();
        _inflation?.Dispose();
        _decoder.Release();
    }

    /// <returns>Whether the message is whole now, and right.</returns>
    private bool ReadPayload()
    {
        _message.MakeRoom(_decoder.PayloadAvailable, (int)_decoder.PayloadLeft);
        _message.Add(_decoder.Read(_message.Room.Span));
        FrameRead();
        return _messageEnded && Error is null;
    }

    private void FrameRead()
    {
        _messageEnded = _decoder.MessageEnded;
        // A message that comes in one frame is counted as one; so is every fragment.
        if (_decoder.PayloadLeft == 0)
            Count();
    }

    /// <summary>What is compressed may come out a little longer than it was.</summary>
    private int MaxLength =>
        _decoder.IsCompressed ? (int)Math.Min(int.MaxValue / 2, MaxMessageSize + (MaxMessageSize / 64L) + 64) : MaxMessageSize;

    private ReadOutcome TakeMessage(out ReceivedMessage message)
    {
        _messageEnded = false;
        NoteProgress(isPartial: false);
        message = _message.Take(_decoder.MessageType);
        return _decoder.IsCompressed ? Inflate(ref message) : ReadOutcome.Message;
    }

    private ReadOutcome Inflate(ref ReceivedMessage message)
    {
        _inflation ??= new MessageInflation(MaxMessageSize, socket.Options.Compression!.PeerKeepsContext);
        var (outcome, error) = _inflation.Inflate(ref message);
        if (error is not null)
            _decoder.Refuse(error);
        return outcome;
    }
}

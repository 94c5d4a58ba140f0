using WsPumps.Diagnostics;
using WsPumps.Framing;

namespace WsPumps.Inbound;

/// <summary>Messages from the frames of a WebSocket of ours. What a header announces is refused before it has come.</summary>
internal sealed class FrameMessageReader : MessageReader
{
    private readonly StreamWebSocket _socket;
    private readonly FrameDecoder _decoder;
    private readonly TimeProvider _time;
    private readonly StreamedFrames? _streamed;
    private CancellationTokenSource? _discarding;
    private MessageBuffer _message;
    private bool _messageEnded;
    private MessageInflation? _inflation;
    private long _bytesInflated;

    /// <param name="socket">The WebSocket.</param>
    /// <param name="maxMessageSize">In bytes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="streamed">What is received as a stream; null for nothing.</param>
    public FrameMessageReader(StreamWebSocket socket, int maxMessageSize, TimeProvider time, StreamedInput? streamed = null)
        : base(maxMessageSize, time)
    {
        (_socket, _decoder, _time) = (socket, socket.Decoder, time);
        _streamed = streamed is null ? null : new StreamedFrames(streamed, _decoder, () => Inflation.Kept);
    }

    private MessageInflation Inflation =>
        _inflation ??= new MessageInflation(MaxMessageSize, _socket.Options.Compression!.PeerKeepsContext);

    public override ReadOnlySpan<byte> ControlPayload => _decoder.ControlPayload;

    public override FrameError? Error => _decoder.Error;

    public override long BytesInflated => _bytesInflated + (_streamed?.BytesInflated ?? 0);

    public override ReadOutcome Next(out ReceivedMessage message)
    {
        message = default;
        if (_messageEnded && Error is null)
            return TakeMessage(out message);
        if (Streaming is not null && Error is null && _streamed!.TryContinue(Streaming, out var part))
            return part;

        while (true)
        {
            switch (_decoder.Next())
            {
                case FrameStep.Data when _streamed is { Wants: true }:
                    if (Streaming is null)
                        return Begin(_streamed, out message);
                    if (!_streamed.TryRead(Streaming, out var outcome))
                        continue;
                    CountIfWhole();
                    return outcome;
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
                    _socket.Closed(ControlPayload);
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
        if (Streaming is not null)
            return _streamed!.FillAsync(Streaming);
        if (_decoder.PayloadLeft > 0)
            _message.MakeRoom(0, (int)_decoder.PayloadLeft);
        return _decoder.FillAsync(_message.Room, CancellationToken.None);
    }

    public override bool Filled(int count)
    {
        if (!_decoder.Filled(count, out var direct))
            throw new EndOfStreamException("The connection ended without a close frame.");

        if (Streaming is not null)
            StreamFilled(Streaming, direct);
        else if (direct > 0)
            MessageFilled(direct);
        return count > 0;
    }

    public override async Task DiscardAsync()
    {
        _discarding = new CancellationTokenSource();
        if (await _decoder.FindCloseAsync(PauseAsync, _discarding.Token).ConfigureAwait(false) is { } body)
            _socket.Closed(body);
    }

    private Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        CountedWork.Until(_time, Task.Delay(pause, _time, cancellationToken));

    public override void Abort()
    {
        if (_discarding is not null)
            _ = CountedWork.CancelAsync(_time, _discarding);
    }

    public override void Release()
    {
        _message.Clear();
        _streamed?.Release();
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
        CountIfWhole();
    }

    /// <summary>A message that comes in one frame is counted as one; so is every fragment.</summary>
    private void CountIfWhole()
    {
        if (_decoder.PayloadLeft == 0)
            Count();
    }

    private void MessageFilled(int count)
    {
        _message.Add(count);
        FrameRead();
    }

    private void StreamFilled(IncomingStream stream, int count)
    {
        _streamed!.Filled(stream, count);
        if (count > 0)
            CountIfWhole();
    }

    private ReadOutcome Begin(StreamedFrames streamed, out ReceivedMessage message)
    {
        Streaming = streamed.Begin();
        message = new ReceivedMessage(Streaming);
        return ReadOutcome.Stream;
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
        var compressed = message.Length;
        var (outcome, error) = Inflation.Inflate(ref message);
        if (outcome is ReadOutcome.Message)
            _bytesInflated += message.Length - compressed;
        if (error is not null)
            _decoder.Refuse(error);
        return outcome;
    }
}

using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace WsPumps.Inbound;

/// <summary>
/// One loop from the wire to the handlers. It reads for the whole life of the connection, whatever the handlers do. Called by
/// <see cref="Client"/>, once.
/// </summary>
internal sealed class ReadPump(MessageReader first, Dispatcher dispatcher, IInboundEvents events)
{
    private MessageReader _reader = first;
    private volatile bool _isHeld;
    private long _inflatedBefore;

    public long MessagesReceived { get; private set; }

    public long BytesReceived { get; private set; }

    /// <inheritdoc cref="MessageReader.BytesInflated"/>
    public long BytesInflated => _inflatedBefore + _reader.BytesInflated;

    /// <inheritdoc cref="MessageReader.MessageBeganAt"/>
    public long MessageBeganAt => _reader.MessageBeganAt;

    /// <summary>Whether nothing is read now because the handler of a message that is received as a stream does not keep up.</summary>
    public bool IsHeld => _isHeld || _reader.Streaming is { IsResting: true };

    /// <summary>How much may be received; null where nothing is limited.</summary>
    public InboundRate? Rate { get; set; }

    /// <summary>Goes on with another connection. Between two runs.</summary>
    public void Use(MessageReader next)
    {
        _inflatedBefore += _reader.BytesInflated;
        _reader = next;
    }

    /// <summary>Reads until something ends the reading, or throws what the transport throws.</summary>
    /// <returns>What it was: the peer's close frame, a rule that it broke, or a limit that it did not keep to.</returns>
    public async Task<ReadOutcome> RunAsync()
    {
        try
        {
            while (true)
            {
                var outcome = _reader.Next(out var message);
                if (outcome is ReadOutcome.Message)
                    (MessagesReceived, BytesReceived) = (MessagesReceived + 1, BytesReceived + message.Length);
                else if (outcome is ReadOutcome.Pong && !events.PongReceived(_reader.ControlPayload))
                    _reader.Count(_reader.ControlPayload.Length);
                if (Rate is not null && !await EndingTurn(AdmitAsync(Rate, message, outcome)).ConfigureAwait(false))
                {
                    message.Release();
                    return ReadOutcome.TooFast;
                }

                switch (outcome)
                {
                    case ReadOutcome.NeedsBytes:
                        events.HandlingEnds();
                        if (_reader.Filled(await _reader.FillAsync().ConfigureAwait(false)))
                            events.BytesReceived();
                        events.HandlingBegins();
                        break;
                    case ReadOutcome.Message or ReadOutcome.Stream:
                        await EndingTurn(dispatcher.DispatchAsync(message)).ConfigureAwait(false);
                        break;
                    case ReadOutcome.StreamPart or ReadOutcome.StreamEnd:
                        await EndingTurn(PassOnAsync(_reader.Streaming!, isEnd: outcome is ReadOutcome.StreamEnd)).ConfigureAwait(false);
                        break;
                    case ReadOutcome.Ping:
                        events.PingReceived(_reader.ControlPayload);
                        break;
                    case ReadOutcome.Pong:
                        break;
                    default:
                        return outcome;
                }
            }
        }
        finally
        {
            _reader.BreakStreaming();
            events.HandlingEnds();
        }
    }

    /// <summary>Lets the handler have a part of a message that is received as a stream, and waits where it does not keep up.</summary>
    private ValueTask PassOnAsync(IncomingStream stream, bool isEnd)
    {
        BytesReceived += stream.PartLength;
        if (isEnd)
        {
            MessagesReceived++;
            _reader.EndStreaming();
            return default;
        }

        var flush = stream.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
            return WaitAsync(stream, flush);

        stream.Flushed(flush.Result);
        return HandOver(stream);
    }

    /// <summary>Where a read of the handler waits, it gets what has come, and the pump rests until there is another.</summary>
    private ValueTask HandOver(IncomingStream stream)
    {
        var resting = stream.HandOverAsync();
        if (!resting.IsCompleted)
            _reader.Pause();
        return resting;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAsync(IncomingStream stream, ValueTask<FlushResult> flush)
    {
        _reader.Pause();
        _isHeld = true;
        try
        {
            stream.Flushed(await flush.ConfigureAwait(false));
        }
        finally
        {
            _isHeld = false;
        }

        await HandOver(stream).ConfigureAwait(false);
    }

    /// <summary>Before a wait that may go on on another thread.</summary>
    private ValueTask EndingTurn(ValueTask waiting)
    {
        if (!waiting.IsCompleted)
            events.HandlingEnds();
        return waiting;
    }

    /// <inheritdoc cref="EndingTurn(ValueTask)"/>
    private ValueTask<bool> EndingTurn(ValueTask<bool> waiting)
    {
        if (!waiting.IsCompleted)
            events.HandlingEnds();
        return waiting;
    }

    /// <summary>
    /// Every frame counts: a message that comes in one is one, and so is each fragment, each ping, and each pong that we did not ask for.
    /// </summary>
    private ValueTask<bool> AdmitAsync(InboundRate rate, in ReceivedMessage message, ReadOutcome outcome)
    {
        var (frames, bytes) = _reader.Counted;
        _reader.ResetCounted();
        var isPart = outcome is ReadOutcome.StreamPart or ReadOutcome.StreamEnd;
        var length = isPart ? _reader.Streaming!.PartLength : message.Length;
        return frames == 0 && length == 0 ? new ValueTask<bool>(true)
            : rate.AdmitAsync(frames, bytes + length, isMessage: isPart || outcome is ReadOutcome.Message);
    }
}

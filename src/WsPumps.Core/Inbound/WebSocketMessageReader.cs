using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Transports;

namespace WsPumps.Inbound;

/// <summary>Messages from any <see cref="WebSocket"/>, by its own receives. It checks the frames itself, and answers pings.</summary>
internal sealed class WebSocketMessageReader(
    WebSocketTransport transport, int maxMessageSize, TimeProvider time, StreamedInput? streamed = null)
    : MessageReader(maxMessageSize, time)
{
    private const int DiscardBuffer = 4096;

    private MessageBuffer _message;
    private ReadOutcome _found;
    private WebSocketMessageType _type;
    private bool _isInMessage;

    public override ReadOutcome Next(out ReceivedMessage message)
    {
        var found = _found;
        (_found, message) = found switch
        {
            ReadOutcome.Message => (ReadOutcome.NeedsBytes, _message.Take(_type)),
            // The stream of an empty message has nothing but its end.
            ReadOutcome.Stream => (_isInMessage ? ReadOutcome.NeedsBytes : Streaming!.Add(0, isEnd: true), new ReceivedMessage(Streaming!)),
            ReadOutcome.StreamPart or ReadOutcome.StreamEnd => (ReadOutcome.NeedsBytes, default),
            _ => (found, default),
        };
        NoteProgress(_isInMessage);
        return found;
    }

    /// <summary>Waits without a buffer for a message to begin.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> FillAsync()
    {
        if (Streaming is not null)
            return await FillStreamAsync(Streaming).ConfigureAwait(false);

        // One byte more than the limit tells a message that just fits from one that does not.
        var limit = MaxMessageSize + 1 - _message.Length;
        if (_isInMessage)
            _message.MakeRoom(0, limit);
        var room = _message.Room;
        var part = await transport.ReceiveAsync(room[..Math.Min(room.Length, limit)]).ConfigureAwait(false);

        _message.Add(part.Count);
        _type = part.MessageType;
        _isInMessage = part is { EndOfMessage: false, MessageType: not WebSocketMessageType.Close };
        _found = part.MessageType is WebSocketMessageType.Close ? ReadOutcome.Closed
            : streamed is not null && streamed.Wants(_type) ? Begin(streamed)
            : _message.Length > MaxMessageSize ? ReadOutcome.TooBig
            : part.EndOfMessage ? ReadOutcome.Message : ReadOutcome.NeedsBytes;
        if (_found is ReadOutcome.Message)
            Count();
        return part.Count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> FillStreamAsync(IncomingStream stream)
    {
        var part = await transport.ReceiveAsync(stream.Room()).ConfigureAwait(false);
        _isInMessage = part is { EndOfMessage: false, MessageType: not WebSocketMessageType.Close };
        _found = part.MessageType is WebSocketMessageType.Close ? ReadOutcome.Closed : stream.Add(part.Count, part.EndOfMessage);
        if (_found is ReadOutcome.StreamEnd)
            Count();
        return part.Count;
    }

    /// <summary>The first receive has no buffer: only its type is known by now, and whether it is empty.</summary>
    private ReadOutcome Begin(StreamedInput input)
    {
        Streaming = new IncomingStream(_type, input);
        return ReadOutcome.Stream;
    }

    public override bool Filled(int count) => count > 0 || _found is not ReadOutcome.NeedsBytes;

    public override async Task DiscardAsync()
    {
        var buffer = new byte[DiscardBuffer];
        while ((await transport.ReceiveAsync(buffer).ConfigureAwait(false)).MessageType is not WebSocketMessageType.Close)
        {
            // No longer of interest.
        }
    }

    public override void Release() => _message.Clear();
}

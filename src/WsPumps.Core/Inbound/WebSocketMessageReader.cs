using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Transports;

namespace WsPumps.Inbound;

/// <summary>Messages from any <see cref="WebSocket"/>, by its own receives. It checks the frames itself, and answers pings.</summary>
internal sealed class WebSocketMessageReader(WebSocketTransport transport, int maxMessageSize, TimeProvider time)
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
        _found = found is ReadOutcome.Message ? ReadOutcome.NeedsBytes : found;
        message = found is ReadOutcome.Message ? _message.Take(_type) : default;
        NoteProgress(_isInMessage);
        return found;
    }

    /// <summary>Waits without a buffer for a message to begin.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> FillAsync()
    {
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
            : _message.Length > MaxMessageSize ? ReadOutcome.TooBig
            : part.EndOfMessage ? ReadOutcome.Message : ReadOutcome.NeedsBytes;
        if (_found is ReadOutcome.Message)
            Count();
        return part.Count;
    }

    public override bool Filled(int count) => count > 0 || _found is not ReadOutcome.NeedsBytes;

    public override async Task DiscardAsync()
    {
        var buffer = new byte[DiscardBuffer];
        while ((await transport.ReceiveAsync(buffer).ConfigureAwait(false)).MessageType is not WebSocketMessageType.Close)
        {
            // Of no interest any more.
        }
    }

    public override void Release() => _message.Clear();
}

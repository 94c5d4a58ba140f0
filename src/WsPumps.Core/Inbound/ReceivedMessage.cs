using System.Buffers;
using System.Net.WebSockets;

namespace WsPumps.Inbound;

/// <summary>A message in a pooled buffer, to be released by whoever handles or discards it.</summary>
internal readonly struct ReceivedMessage(WebSocketMessageType type, byte[]? buffer, int length)
{
    /// <summary>A message that is received as a stream.</summary>
    public ReceivedMessage(IncomingStream stream)
        : this(stream.Message.Type, null, 0) => Stream = stream;

    /// <summary>Where the payload will come; null for a message that is here.</summary>
    public IncomingStream? Stream { get; }

    public int Length => length;

    public WebSocketMessageType Type => type;

    public ReadOnlyMemory<byte> Payload => buffer.AsMemory(0, length);

    public Message AsMessage() => new(type, buffer.AsMemory(0, length));

    public void Release()
    {
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
        Stream?.Leave();
    }
}

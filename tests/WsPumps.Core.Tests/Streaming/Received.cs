using System.Net.WebSockets;
using System.Threading.Channels;

namespace WsPumps.Core.Tests.Streaming;

/// <summary>What a handler has read, message by message.</summary>
internal sealed class Received
{
    private readonly Channel<(WebSocketMessageType Type, byte[] Bytes)> _messages = Channel.CreateUnbounded<(WebSocketMessageType, byte[])>();

    public Task<(WebSocketMessageType Type, byte[] Bytes)> NextAsync() => _messages.Reader.ReadAsync().InTime();

    public async ValueTask ReadAllAsync(IClient client, IncomingMessage message, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await message.Stream.CopyToAsync(bytes, cancellationToken);
        await _messages.Writer.WriteAsync((message.Type, bytes.ToArray()), cancellationToken);
    }
}

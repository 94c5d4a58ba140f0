using System.Net.WebSockets;

namespace WsPumps.Core.Tests.Wire;

/// <summary>A server's WebSocket over a connection in memory, with its bare peer.</summary>
internal sealed class SocketUnderTest : IDisposable
{
    private readonly FrameReader _frames;

    public SocketUnderTest(SocketKind kind, int room = 0, StreamWebSocketOptions? options = null)
    {
        (Stream, Peer) = DuplexStream.Pair(room);
        Socket = kind is SocketKind.Ours
            ? new StreamWebSocket(Stream, options)
            : WebSocket.CreateFromStream(Stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        _frames = new FrameReader(Peer);
    }

    public WebSocket Socket { get; }

    public DuplexStream Stream { get; }

    public DuplexStream Peer { get; }

    public Task SendAsync(params byte[][] frames) => Peer.WriteAsync(frames.SelectMany(frame => frame).ToArray()).InTime();

    public async Task<WireFrame> ReadFrameAsync() => await _frames.ReadAsync().InTime() ?? throw new EndOfStreamException();

    public Task<WireFrame?> ReadFrameOrEndAsync() => _frames.ReadAsync().InTime();

    public Task<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Socket.ReceiveAsync(buffer, cancellationToken).InTime();

    /// <summary>The next message, whole.</summary>
    public async Task<(WebSocketMessageType Type, byte[] Payload)> ReceiveMessageAsync()
    {
        var message = new List<byte>();
        var buffer = new byte[1000];
        while (true)
        {
            var result = await ReceiveAsync(buffer);
            message.AddRange(buffer.AsSpan(0, result.Count));
            if (result.EndOfMessage)
                return (result.MessageType, [.. message]);
        }
    }

    public Task SendMessageAsync(string text, CancellationToken cancellationToken = default) =>
        Socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, true, cancellationToken).InTime();

    public void Dispose()
    {
        Socket.Dispose();
        Peer.Dispose();
    }
}

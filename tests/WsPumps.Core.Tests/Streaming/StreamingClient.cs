using System.Net.WebSockets;

namespace WsPumps.Core.Tests.Streaming;

/// <summary>A client over a connection in memory, with its pumps at work and its bare peer.</summary>
internal sealed class StreamingClient : IAsyncDisposable
{
    private readonly WebSocket _socket;
    private readonly Task _pumps;
    private readonly FrameReader _frames;

    public StreamingClient(int room = 0, ClientSettings? settings = null, MessageHandler? handler = null, Func<Stream, WebSocket>? socket = null)
    {
        (var stream, Peer) = DuplexStream.Pair(room);
        _frames = new FrameReader(Peer);
        _socket = socket?.Invoke(stream) ?? new StreamWebSocket(stream);
        // Where the peer is to stall, no deadline ends it first on a busy machine.
        Client = new Client(_socket, settings ?? new ClientSettings { TimeProvider = room > 0 ? new ManualTimeProvider() : null });
        _pumps = Task.WhenAll(Client.WritePumpAsync(_ => { }, TimeSpan.Zero, default), Client.ReadPumpAsync(_ => { }, handler is null ? [] : [handler], default));
    }

    public Client Client { get; }

    public DuplexStream Peer { get; }

    /// <summary>How it ended, when its pumps have.</summary>
    public async Task<DisconnectRecord> EndAsync()
    {
        await _pumps.InTime();
        return await Client.Completion.InTime();
    }

    public Task<MessageStream> OpenAsync(WebSocketMessageType type = WebSocketMessageType.Binary) => Client.OpenMessageAsync(type).InTime();

    /// <summary>A short frame of the peer, under a mask of zeros.</summary>
    public Task SendAsync(WireOpcode opcode, byte[] payload, bool final = true) =>
        Peer.WriteAsync((byte[])[(byte)((final ? 0x80 : 0) | (int)opcode), (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload]).InTime();

    public async Task<WireFrame> ReadFrameAsync() => await _frames.ReadAsync().InTime() ?? throw new EndOfStreamException();

    /// <summary>Reads to the end of the connection, however that comes.</summary>
    public async Task<List<WireFrame>> ReadToEndAsync()
    {
        var frames = new List<WireFrame>();
        try
        {
            while (await _frames.ReadAsync().InTime() is { } frame)
                frames.Add(frame);
        }
        catch (Exception exception) when (exception is IOException or EndOfStreamException)
        {
            // It was aborted.
        }

        return frames;
    }

    /// <summary>The frames of one message; control frames between them are checked by the reader and left out.</summary>
    public async Task<List<WireFrame>> ReadMessageAsync()
    {
        var frames = new List<WireFrame>();
        do
        {
            var frame = await ReadFrameAsync();
            if (!frame.IsControl)
                frames.Add(frame);
        }
        while (frames is not [.., { Fin: true }]);
        return frames;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Abort();
        await _pumps.InTime();
        _socket.Dispose();
    }
}

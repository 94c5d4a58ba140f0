using System.Text;

namespace WsPumps.Core.Tests.Compression;

/// <summary>A client over a connection in memory that agreed on compression, with its pumps at work and its bare peer.</summary>
internal sealed class CompressedClient : IAsyncDisposable
{
    private readonly StreamWebSocket _socket;
    private readonly DuplexStream _peer;
    private readonly Task _pumps;
    private readonly List<string> _received = [];

    public CompressedClient(CompressionAgreement? compression, ClientOptions? options = null)
    {
        (var stream, _peer) = DuplexStream.Pair();
        _socket = new StreamWebSocket(stream, new StreamWebSocketOptions { Compression = compression });
        Client = new Client(_socket, new ClientSettings { Options = options });
        _pumps = Task.WhenAll(Client.WritePumpAsync(_ => { }, TimeSpan.Zero, default), Client.ReadPumpAsync(_ => { }, [Handle], default));
    }

    public CompressedClient()
        : this(new CompressionAgreement { Threshold = 0 })
    {
    }

    public Client Client { get; }

    public IReadOnlyList<string> Received => _received;

    public Task SendAsync(byte[] bytes) => _peer.WriteAsync(bytes).InTime();

    /// <summary>The next frame: its first byte, and its payload as it is on the wire.</summary>
    public async Task<(byte First, byte[] Payload)> ReadFrameAsync()
    {
        var header = new byte[2];
        await _peer.ReadExactlyAsync(header).InTime();
        var length = (int)header[1];
        if (length == 126)
        {
            var extended = new byte[2];
            await _peer.ReadExactlyAsync(extended).InTime();
            length = (extended[0] << 8) | extended[1];
        }

        var payload = new byte[length];
        await _peer.ReadExactlyAsync(payload).InTime();
        return (header[0], payload);
    }

    public async Task<int> CloseCodeAsync()
    {
        while (true)
        {
            var (first, payload) = await ReadFrameAsync();
            if (first == 0x88)
                return payload.Length == 0 ? 1005 : (payload[0] << 8) | payload[1];
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Abort();
        await _pumps.InTime();
        await _socket.DisposeAsync();
    }

    private ValueTask Handle(IClient client, Message message, CancellationToken cancellationToken)
    {
        _received.Add(Encoding.UTF8.GetString(message.Payload.Span));
        return default;
    }
}

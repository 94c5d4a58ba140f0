using System.Net.Sockets;
using System.Net.WebSockets;
using WsPumps.Framing;

namespace WsPumps.Transports;

/// <summary>Writes frames to the stream of a WebSocket of ours, or to the socket below it.</summary>
internal sealed class FrameTransport : Transport
{
    private readonly StreamWebSocket _socket;
    private readonly Output _output;
    private readonly FrameMasker? _masker;

    /// <param name="socket">The connection.</param>
    /// <param name="maxSocketBytes">See <see cref="ClientOptions.MaxSocketBytes"/>.</param>
    public FrameTransport(StreamWebSocket socket, int? maxSocketBytes)
    {
        socket.TakeOver();
        SocketBacklog.Limit(socket.Options.ConnectionSocket ?? socket.Options.Socket, maxSocketBytes);
        _socket = socket;
        MayBlock = socket.Options.NeedsFlush;
        _output = new Output(socket.Stream, socket.Options.NeedsFlush, socket.Options.Socket);
        _masker = socket.Options.IsServer ? null : new FrameMasker();
    }

    public override bool SendsPings => true;

    public override bool IsDirect => _output.IsDirect;

    /// <summary>The server's streams, which flush by themselves, do not block; of any other nothing is known.</summary>
    public override bool MayBlock { get; }

    public override CompressionAgreement? Compression => _socket.Options.Compression;

    public override int FragmentSize => _masker is null ? FragmentPool.Size : FragmentPool.MaskedSize;

    public override int WriteProgress => _output.Progress;

    public override bool? IsLost => _socket.Options.ConnectionSocket is { } socket ? IsDead(socket) : null;

    public override WebSocketCloseStatus? PeerStatus => _socket.CloseStatus;

    public override string? PeerReason => _socket.CloseStatusDescription;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> frames) => _output.WriteAsync(_masker?.Mask(frames.Span) ?? frames);

    public override ValueTask WriteCloseAsync(WebSocketCloseStatus status, string reason)
    {
        _socket.CloseLeaves();
        return WriteAsync(CloseStatus.Frame(status, reason).Frame);
    }

    public override void Abort() => _socket.Abort();

    public override void PongReceived() => _output.PongReceived();

    /// <summary>
    /// What the kernel knows; the server's own read, which may have been told first, has taken the error away from there.
    /// </summary>
    private static bool IsDead(Socket socket)
    {
        try
        {
            return !socket.Connected || socket.Poll(0, SelectMode.SelectError);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}

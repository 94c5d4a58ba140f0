using System.Net.Sockets;
using System.Runtime.CompilerServices;
using WsPumps.Framing;

namespace WsPumps.Transports;

/// <summary>
/// Where frames are written to: the server's stream and, from the moment at which that is safe, the socket below it.
/// </summary>
/// <remarks>
/// Both may never have bytes under way at once, and the server does not say when its own have left. The peer does: the pong
/// to a ping that was the last thing written proves that everything before it has arrived. Until such a quiet round trip,
/// which a busy connection may never have, the stream is used. A mutable struct: the field it lives in belongs to the write pump.
/// </remarks>
internal struct Output(StreamWebSocket webSocket)
{
    /// <summary>A connection that is not quiet around one of the first pings is busy; it waits for those that are due anyway.</summary>
    private const int EarlyPings = 5;

    private Socket? _direct;
    private int _pings;
    private bool _endsWithPing;
    private volatile bool _answered;

    public readonly bool IsDirect => _direct is not null;

    /// <summary>Whether a ping should be sent before it is due: it may be the proof.</summary>
    public readonly bool WantsPing => webSocket.Options.Socket is not null && !IsDirect && _pings < EarlyPings;

    /// <summary>Writes whole frames. Most writes end at once; only the others cost a state machine.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frames)
    {
        if (_direct is not null)
            return SendAsync(_direct, frames);

        if (webSocket.Options.Socket is not null)
            Watch(webSocket.Options.Socket, frames.Span);
        if (_direct is not null)
            return SendAsync(_direct, frames);

        var write = webSocket.Stream.WriteAsync(frames);
        return webSocket.Options.NeedsFlush ? FlushAfterAsync(write, webSocket.Stream) : write;
    }

    /// <summary>The outstanding ping was answered.</summary>
    public void PongReceived() => _answered = true;

    /// <summary>Before each write to the stream: looks for the quiet round trip, and changes over to the socket.</summary>
    private void Watch(Socket socket, ReadOnlySpan<byte> frames)
    {
        if (_endsWithPing && _answered)
        {
            // Send is to take what the kernel has room for and no more; asynchronous calls, which the server makes, do not care.
            socket.Blocking = false;
            _direct = socket;
            return;
        }

        // Behind messages, or with some behind it, a ping proves nothing: it has to leave alone.
        _endsWithPing = FrameHeader.OpcodeOf(frames) is Opcode.Ping && FrameHeader.LengthOf(frames) == frames.Length;
        if (_endsWithPing)
        {
            _pings++;
            _answered = false;
        }
    }

    private static ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> frames)
    {
        var sent = socket.Send(frames.Span, SocketFlags.None, out var error);
        if (sent == frames.Length)
            return default;

        return error is SocketError.Success or SocketError.WouldBlock
            ? SendRestAsync(socket, frames[sent..])
            : ValueTask.FromException(new SocketException((int)error));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask SendRestAsync(Socket socket, ReadOnlyMemory<byte> frames)
    {
        while (!frames.IsEmpty)
            frames = frames[await socket.SendAsync(frames, SocketFlags.None).ConfigureAwait(false)..];
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask FlushAfterAsync(ValueTask write, Stream wire)
    {
        await write.ConfigureAwait(false);
        await wire.FlushAsync().ConfigureAwait(false);
    }
}

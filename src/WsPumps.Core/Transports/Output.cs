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
/// which a busy connection may never have, the stream is used.
/// </remarks>
internal sealed class Output(Stream wire, bool needsFlush, Socket? socket)
{
    /// <summary>
    /// What is longer goes out in pieces, so that one can see that it moves on. A slow line needs as long as the write timeout for each.
    /// </summary>
    private const int Piece = 64 * 1024;

    private Socket? _direct;
    private int _progress;
    private bool _endsWithPing;
    private volatile bool _answered;

    public bool IsDirect => _direct is not null;

    /// <summary>Changes when a write that takes its time has moved on.</summary>
    public int Progress => Volatile.Read(ref _progress);

    /// <summary>Writes whole frames. Most writes end at once; only the others cost a state machine.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frames)
    {
        if (_direct is null && socket is not null)
            Watch(socket, frames.Span);
        if (_direct is not null)
            return SendAsync(_direct, frames);

        return frames.Length > Piece || needsFlush ? WriteInPiecesAsync(frames) : wire.WriteAsync(frames);
    }

    /// <summary>The outstanding ping was answered.</summary>
    public void PongReceived() => _answered = true;

    /// <summary>Before each write to the stream: looks for the quiet round trip, and changes over to the socket.</summary>
    private void Watch(Socket below, ReadOnlySpan<byte> frames)
    {
        if (_endsWithPing && _answered)
        {
            // Send is to take what the kernel has room for and no more; asynchronous calls, which the server makes, do not care.
            below.Blocking = false;
            _direct = below;
            return;
        }

        // Behind messages, or with some behind it, a ping proves nothing: it has to leave alone.
        _endsWithPing = FrameHeader.OpcodeOf(frames) is Opcode.Ping && FrameHeader.LengthOf(frames) == frames.Length;
        if (_endsWithPing)
            _answered = false;
    }

    private ValueTask SendAsync(Socket direct, ReadOnlyMemory<byte> frames)
    {
        var sent = direct.Send(frames.Span, SocketFlags.None, out var error);
        if (sent == frames.Length)
            return default;

        return error is SocketError.Success or SocketError.WouldBlock
            ? SendRestAsync(direct, frames[sent..])
            : ValueTask.FromException(new SocketException((int)error));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendRestAsync(Socket direct, ReadOnlyMemory<byte> frames)
    {
        while (!frames.IsEmpty)
        {
            var sent = await direct.SendAsync(frames[..Math.Min(Piece, frames.Length)], SocketFlags.None).ConfigureAwait(false);
            frames = frames[sent..];
            MoveOn();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteInPiecesAsync(ReadOnlyMemory<byte> frames)
    {
        while (!frames.IsEmpty)
        {
            var piece = frames[..Math.Min(Piece, frames.Length)];
            await wire.WriteAsync(piece).ConfigureAwait(false);
            frames = frames[piece.Length..];
            MoveOn();
        }

        if (needsFlush)
            await wire.FlushAsync().ConfigureAwait(false);
    }

    private void MoveOn() => Volatile.Write(ref _progress, _progress + 1);
}

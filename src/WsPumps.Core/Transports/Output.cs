using System.Net.Sockets;
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
internal sealed class Output(FrameGate gate)
{
    /// <summary>A connection that is not quiet around one of the first pings is busy; it waits for those that are due anyway.</summary>
    private const int EarlyPings = 5;

    private Stream _stream = gate.Wire;
    private int _pings;
    private bool _endsWithPing;
    private volatile bool _answered;

    public bool IsDirect { get; private set; }

    /// <summary>Whether a ping should be sent before it is due: it may be the proof.</summary>
    public bool WantsPing => gate.Socket is not null && !IsDirect && _pings < EarlyPings;

    /// <summary>The stream for the next write. For the write pump.</summary>
    /// <param name="last">The last frame of that write.</param>
    public Stream StreamFor(Opcode last)
    {
        if (!IsDirect && gate.Socket is { } socket && _endsWithPing && _answered)
        {
            _stream = new NetworkStream(socket, ownsSocket: false);
            IsDirect = true;
        }

        _endsWithPing = last is Opcode.Ping;
        if (_endsWithPing)
        {
            _pings++;
            _answered = false;
        }

        return _stream;
    }

    /// <summary>The outstanding ping was answered.</summary>
    public void PongReceived() => _answered = true;
}

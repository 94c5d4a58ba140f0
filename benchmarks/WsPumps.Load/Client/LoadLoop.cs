using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using WsPumps.Load.Platform;
using WsPumps.Load.Protocols;
using WsPumps.Load.Running;

namespace WsPumps.Load.Client;

/// <summary>All connections to one server, on the thread that calls <see cref="Poll"/>.</summary>
internal sealed class LoadLoop(int port, LoadProtocol protocol, LoadMode mode) : IDisposable
{
    private const int BufferSize = 256 * 1024;

    /// <summary>About a microsecond, in which the core is left to its other thread, where it has one.</summary>
    private const int Pause = 30;

    /// <summary>The name of HTTP/2 among the protocols of TLS, with its length in front.</summary>
    private static ReadOnlySpan<byte> Http2 => [2, (byte)'h', (byte)'2'];

    private readonly List<LoadConnection> _connections = [];
    private readonly List<LoadConnection> _toFlush = [];
    private readonly IPEndPoint _server = new(IPAddress.Loopback, port);

    public LoadProtocol Protocol => protocol;

    /// <summary>How long there was nothing to do.</summary>
    public TimeSpan Idle { get; private set; }

    public Epoll Sockets { get; } = new();

    /// <summary>One buffer for all: each read is done with before the next.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    /// <summary>Begins to connect. On this machine's own network that never waits for the server.</summary>
    public LoadConnection Connect(string path, ILoadObserver? observer = null, int? receiveBuffer = null, bool? compresses = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size)
            socket.ReceiveBufferSize = size;

        var now = Stopwatch.GetTimestamp();
        socket.Connect(_server);
        socket.Blocking = false;
        var connection = new LoadConnection(this, socket, WireOver((int)socket.Handle), path, compresses ?? mode.Compresses)
        {
            OpenedAt = now,
            Observer = observer,
        };
        _connections.Add(connection);
        return connection;
    }

    public void FlushLater(LoadConnection connection) => _toFlush.Add(connection);

    /// <summary>Handles what is ready, or waits for it, and sends what was queued meanwhile.</summary>
    public void Poll(int milliseconds)
    {
        Flush();
        Sockets.Handle(Wait(milliseconds));
        Flush();
    }

    /// <summary>Forgets connections that have ended, of which a storm makes many.</summary>
    public void Forget(LoadConnection connection) => _connections.Remove(connection);

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Observer = null;
            connection.End();
        }

        Sockets.Dispose();
    }

    /// <summary>
    /// On a core of its own the load does not sleep, unless that is asked for: to wake it would be work of the server's, the more of it the
    /// slower the server is, and none of it where the load is busy.
    /// </summary>
    private int Wait(int milliseconds)
    {
        var ready = Sockets.Wait(0);
        if (ready > 0)
            return ready;

        var started = Stopwatch.GetTimestamp();
        if (Cores.ArePinned && !mode.Sleeps)
        {
            while (ready <= 0 && Stopwatch.GetElapsedTime(started).TotalMilliseconds < milliseconds)
            {
                Thread.SpinWait(Pause);
                ready = Sockets.Wait(0);
            }
        }
        else
        {
            ready = Sockets.Wait(milliseconds);
        }

        Idle += Stopwatch.GetElapsedTime(started);
        return ready;
    }

    private Wire WireOver(int descriptor)
    {
        Wire wire = mode.UsesTls ? new TlsWire(descriptor, mode.UsesHttp2 ? Http2 : default) : new PlainWire(descriptor);
        return mode.UsesHttp2 ? new Http2Wire(wire) : wire;
    }

    private void Flush()
    {
        for (var i = 0; i < _toFlush.Count; i++)
            _toFlush[i].Flush();
        _toFlush.Clear();
    }
}

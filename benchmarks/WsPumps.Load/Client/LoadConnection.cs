using System.Net.Sockets;
using WsPumps.Load.Platform;
using WsPumps.Load.Protocols;

namespace WsPumps.Load.Client;

/// <summary>One WebSocket connection to a server.</summary>
internal sealed class LoadConnection : IEpollTarget, IFrameReceiver, IMessageReceiver
{
    private const byte Close = 0x8;
    private const byte Ping = 0x9;
    private const byte Pong = 0xA;

    private readonly LoadLoop _loop;
    private readonly Socket _socket;
    private readonly Wire _wire;
    private readonly LoadProtocol _protocol;
    private readonly MessageSplitter _splitter;
    private readonly FrameReader _frames;
    private readonly OutgoingBytes _out;
    private Handshake? _handshake = new();
    private bool _closing;
    private bool _isWatched = true;
    private int _slot;

    public LoadConnection(LoadLoop loop, Socket socket, Wire wire, string path, bool offersCompression)
    {
        _loop = loop;
        _socket = socket;
        _wire = wire;
        _protocol = loop.Protocol;
        Descriptor = (int)socket.Handle;
        _splitter = _protocol.CreateSplitter();
        _frames = new FrameReader(this);
        _slot = loop.Sockets.Add(this);
        _out = new OutgoingBytes(wire, watch => loop.Sockets.WatchWriting(_slot, watch));
        Write(Handshake.Request(path, offersCompression));
    }

    public int Descriptor { get; }

    public long OpenedAt { get; init; }

    public ILoadObserver? Observer { get; set; }

    public bool IsOpen { get; private set; }

    public bool WasOpened { get; private set; }

    public bool IsClosed { get; private set; }

    /// <summary>Messages, as the protocol counts them.</summary>
    public long Received { get; private set; }

    /// <summary>Queues a message. What was queued leaves together when the loop has handled all that is ready.</summary>
    public void Send(OutgoingMessage message, uint stamp)
    {
        message.CopyTo(_out.Reserve(message.Length), stamp);
        _loop.FlushLater(this);
    }

    public void SendClose()
    {
        _closing = true;
        Write(OutgoingMessage.Control(Close, [0x03, 0xE8]));
    }

    /// <summary>From now on the connection reads nothing, as a client that hangs.</summary>
    public void Stall()
    {
        _isWatched = false;
        _loop.Sockets.Remove(_slot);
    }

    /// <summary>Reads again, and so finds out whether the server has given it up.</summary>
    public void Resume()
    {
        _isWatched = true;
        _slot = _loop.Sockets.Add(this);
    }

    public void Flush()
    {
        if (!IsClosed && !_out.Flush())
            End();
    }

    public void OnReady()
    {
        if (_out.IsBlocked)
            Flush();
        if (IsClosed)
            return;

        var length = _wire.Receive(_loop.Buffer);
        if (_wire.HasPending)
            _loop.FlushLater(this);
        if (length > 0)
            OnBytes(_loop.Buffer.AsSpan(0, length));
        else if (length != Wire.NotNow)
            End();
    }

    public void OnData(ReadOnlySpan<byte> payload, bool endsMessage) => _splitter.Feed(payload, endsMessage, this);

    public void OnControl(byte opcode, ReadOnlySpan<byte> payload)
    {
        if (opcode is Ping)
            Write(OutgoingMessage.Control(Pong, payload));
        if (opcode is not Close)
            return;

        if (!_closing)
        {
            Write(OutgoingMessage.Control(Close, payload));
            Flush();
        }

        End();
    }

    public void OnHello() => Opened();

    public void OnMessage(uint stamp)
    {
        Received++;
        Observer?.OnMessage(this, stamp);
    }

    public void End()
    {
        if (IsClosed)
            return;

        (IsClosed, IsOpen) = (true, false);
        if (_isWatched)
            _loop.Sockets.Remove(_slot);
        // A reset leaves no port behind in TIME_WAIT; there are not enough of them for a storm of connects.
        _socket.LingerState = new LingerOption(true, 0);
        _wire.Dispose();
        _socket.Dispose();
        Observer?.OnClosed(this);
    }

    private void OnBytes(ReadOnlySpan<byte> bytes)
    {
        if (_handshake is not null)
        {
            if (!_handshake.TryComplete(ref bytes))
                return;

            _handshake = null;
            if (_protocol.Hello is { } hello)
                Send(hello, stamp: 0);
            else
                Opened();
        }

        _frames.Feed(bytes);
    }

    private void Opened()
    {
        IsOpen = WasOpened = true;
        Observer?.OnOpened(this);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_out.Reserve(bytes.Length));
        _loop.FlushLater(this);
    }
}

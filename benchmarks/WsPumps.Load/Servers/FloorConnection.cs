using System.Net.Sockets;
using System.Runtime.InteropServices;
using WsPumps.Load.Platform;

namespace WsPumps.Load.Servers;

/// <summary>One connection of the floor: the handshake by hand, then frames.</summary>
internal sealed class FloorConnection : IEpollTarget
{
    private const int ForRoom = 1_000_000;

    private readonly FloorServer _server;
    private readonly Socket _socket;
    private readonly int _slot;
    private byte[] _partial = [];
    private int _partialLength;
    private bool _isUpgraded;
    private bool _broadcasts;
    private bool _isClosed;

    public FloorConnection(FloorServer server, Socket socket)
    {
        (_server, _socket) = (server, socket);
        Descriptor = (int)socket.Handle;
        _slot = server.Sockets.Add(this);
    }

    public int Descriptor { get; }

    public void OnReady()
    {
        var buffer = _partialLength == 0 ? _server.Input : _partial;
        var length = (int)Libc.Receive(Descriptor, ref buffer[_partialLength], (nuint)(buffer.Length - _partialLength), 0);
        if (length <= 0)
        {
            if (length == 0 || Marshal.GetLastPInvokeError() != Libc.TryAgain)
                Close();
            return;
        }

        var bytes = buffer.AsSpan(0, _partialLength + length);
        var consumed = _isUpgraded ? Answer(bytes) : Upgrade(bytes);
        if (!_isClosed)
            Keep(bytes[consumed..]);
    }

    /// <summary>Sends all of it; what the peer does not take at once is waited for only where it is the only receiver.</summary>
    private void Send(ReadOnlySpan<byte> bytes, bool waits)
    {
        while (!bytes.IsEmpty && !_isClosed)
        {
            var sent = (int)Libc.Send(Descriptor, ref MemoryMarshal.GetReference(bytes), (nuint)bytes.Length, Libc.NoSignal);
            if (sent >= 0)
                bytes = bytes[sent..];
            else if (Marshal.GetLastPInvokeError() != Libc.TryAgain || !waits || !_socket.Poll(ForRoom, SelectMode.SelectWrite))
                Close();
        }
    }

    private int Upgrade(ReadOnlySpan<byte> request)
    {
        if (!FloorHandshake.TryAnswer(request, out var answer, out _broadcasts))
            return 0;

        _isUpgraded = true;
        if (_broadcasts)
            _server.Everybody.Add(this);
        Send(answer, waits: true);
        return request.Length;
    }

    private int Answer(Span<byte> bytes)
    {
        var frames = _server.OutputFor(bytes.Length);
        var (consumed, written, closes) = FloorFrames.Unmask(bytes, frames);
        frames = frames[..written];
        if (_broadcasts && !closes)
        {
            for (var i = _server.Everybody.Count - 1; i >= 0; i--)
                _server.Everybody[i].Send(frames, waits: false);
        }
        else if (!frames.IsEmpty)
        {
            Send(frames, waits: true);
        }

        if (closes)
            Close();
        return consumed;
    }

    /// <summary>Keeps what is no whole frame yet, with room for the rest of it.</summary>
    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            (_partial, _partialLength) = ([], 0);
            return;
        }

        var needed = FloorFrames.LengthOf(rest);
        if (_partial.Length < needed || _partialLength == 0)
        {
            var larger = new byte[Math.Max(needed, rest.Length + FloorFrames.MaxHeader)];
            rest.CopyTo(larger);
            _partial = larger;
        }
        else
        {
            rest.CopyTo(_partial);
        }

        _partialLength = rest.Length;
    }

    private void Close()
    {
        if (_isClosed)
            return;

        _isClosed = true;
        _server.Everybody.Remove(this);
        _server.Sockets.Remove(_slot);
        _socket.Dispose();
    }
}

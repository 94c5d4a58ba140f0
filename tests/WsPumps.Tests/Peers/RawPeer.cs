using System.Net;
using System.Net.Sockets;
using WsPumps.Testing.Frames;

namespace WsPumps.Tests.Peers;

/// <summary>A peer over TCP that writes and reads single frames, answers nothing by itself, and can vanish in every way that TCP has.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly ByteSource _source;
    private readonly FrameReader _frames;

    private RawPeer(Socket socket)
    {
        (_socket, _stream) = (socket, new NetworkStream(socket));
        _source = new ByteSource(_stream);
        _frames = new FrameReader(_source);
    }

    public static async Task<RawPeer> ConnectAsync(Uri address, int? receiveBuffer)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size)
            socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(address.Host, address.Port).InTime();

        var peer = new RawPeer(socket);
        var handshake = new Testing.Peers.Handshake(new Testing.PeerOptions { Path = address.PathAndQuery });
        await peer._stream.WriteAsync(handshake.Request()).InTime();
        var answer = await Testing.Peers.Handshake.ReadAnswerAsync(peer._source).InTime();
        answer.Status.Should().Be(HttpStatusCode.SwitchingProtocols, answer.Body);
        return peer;
    }

    public Task SendAsync(byte opcode, byte[] payload, bool final = true) => _stream.WriteAsync(ClientFrame.Build((WireOpcode)opcode, payload, final)).InTime();

    /// <returns>The next frame; null at the end of the stream or on a reset.</returns>
    public async Task<(int Opcode, byte[] Payload)?> ReceiveAsync()
    {
        try
        {
            return await _frames.ReadAsync().InTime() is { } frame ? ((int)frame.Opcode, frame.Payload) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads to the end of the stream.</summary>
    public async Task<List<(int Opcode, byte[] Payload)>> ReceiveAllAsync()
    {
        var frames = new List<(int, byte[])>();
        while (await ReceiveAsync() is { } frame)
            frames.Add(frame);
        return frames;
    }

    /// <summary>Reads bytes as they come.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        return await _source.ReadExactlyAsync(bytes).InTime() ? bytes : throw new EndOfStreamException("The server has ended the connection.");
    }

    /// <summary>A FIN: the peer sends nothing more and goes on listening.</summary>
    public void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>An RST.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }
}

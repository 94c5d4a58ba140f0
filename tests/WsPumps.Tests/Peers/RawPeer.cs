using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace WsPumps.Tests.Peers;

/// <summary>A peer that writes and reads single frames, answers nothing by itself, and can vanish in every way that TCP has.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawPeer(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket));

    public static async Task<RawPeer> ConnectAsync(Uri address, int? receiveBuffer)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size)
            socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(address.Host, address.Port).InTime();

        var peer = new RawPeer(socket);
        var headers = string.Concat(Handshake.Headers.Select(header => $"{header.Name}: {header.Value}\r\n"));
        await peer._stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\n{headers}\r\n")).InTime();
        (await peer.ReadAnswerAsync()).Should().StartWith("HTTP/1.1 101 ");
        return peer;
    }

    public Task SendAsync(byte opcode, byte[] payload, bool final = true)
    {
        payload.Length.Should().BeLessThan(126, "only short frames are written here");
        // A mask of zeros leaves the payload as it is.
        byte[] header = [(byte)(opcode | (final ? 0x80 : 0)), (byte)(0x80 | payload.Length), 0, 0, 0, 0];
        return _stream.WriteAsync((byte[])[.. header, .. payload]).InTime();
    }

    /// <returns>The next frame; null at the end of the stream or on a reset.</returns>
    public async Task<(int Opcode, byte[] Payload)?> ReceiveAsync()
    {
        try
        {
            var header = await ReadAsync(2);
            var length = header[1] switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2)),
                127 => (int)BinaryPrimitives.ReadUInt64BigEndian(await ReadAsync(8)),
                var small => small,
            };
            return (header[0] & 0x0F, await ReadAsync(length));
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

    private async Task<string> ReadAnswerAsync()
    {
        var answer = new StringBuilder();
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            answer.Append((char)(await ReadAsync(1))[0]);
        return answer.ToString();
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes).InTime();
        return bytes;
    }
}

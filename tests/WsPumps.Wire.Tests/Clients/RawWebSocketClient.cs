using System.Net.Security;
using System.Net.Sockets;

namespace WsPumps.Wire.Tests.Clients;

/// <summary>A client that sends whatever bytes a test likes and checks every byte that comes back.</summary>
internal sealed class RawWebSocketClient(Stream stream, ByteSource source, Socket? socket, IDisposable owner) : IAsyncDisposable
{
    private readonly FrameReader _reader = new(source);

    public Task SendAsync(params byte[][] frames) => SendBytesAsync(frames.Length == 1 ? frames[0] : [.. frames.SelectMany(frame => frame)]).InTime();

    /// <summary>For whole conversations: the caller sets the limit.</summary>
    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes);
        await stream.FlushAsync();
    }

    /// <returns>The next frame; null when the server has ended the connection.</returns>
    public Task<WireFrame?> ReadFrameAsync() => NextFrameAsync().InTime();

    /// <summary>For whole conversations: the caller sets the limit.</summary>
    public ValueTask<WireFrame?> NextFrameAsync() => _reader.ReadAsync();

    public async Task<WireFrame> ReadAsync(WireOpcode opcode)
    {
        var frame = await ReadFrameAsync();
        frame.Should().NotBeNull("the connection is open");
        frame!.Opcode.Should().Be(opcode);
        return frame;
    }

    /// <returns>Everything up to and with the close frame.</returns>
    public async Task<List<WireFrame>> ReadToCloseAsync()
    {
        var frames = new List<WireFrame>();
        while (frames.LastOrDefault()?.Opcode is not WireOpcode.Close)
            frames.Add(await NextFrameAsync() ?? throw new WireViolationException("The connection ended without a close frame."));
        return frames;
    }

    /// <summary>Waits for the end of the connection, orderly or not. A frame before it is an error.</summary>
    public async Task ReadEndAsync()
    {
        try
        {
            var frame = await ReadFrameAsync();
            frame.Should().BeNull("the server has sent its last frame");
        }
        catch (IOException exception) when (exception is not EndOfStreamException)
        {
            // A reset: the server may have had to abort.
        }
    }

    /// <summary>The client sends no more, and says so to the server.</summary>
    public async Task FinishSendingAsync()
    {
        if (stream is SslStream tls)
            await tls.ShutdownAsync().InTime();
        socket!.Shutdown(SocketShutdown.Send);
    }

    /// <summary>The connection breaks: TCP reset, or a reset of the HTTP/2 stream.</summary>
    public void Reset()
    {
        if (socket is null)
            stream.Dispose();
        else
            socket.Close(timeout: 0);
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        owner.Dispose();
    }
}

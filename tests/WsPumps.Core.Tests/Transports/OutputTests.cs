using System.Net.Sockets;
using WsPumps.Framing;
using WsPumps.Transports;

namespace WsPumps.Core.Tests.Transports;

public sealed class OutputTests : IDisposable
{
    private const int FrameLength = 3;

    private readonly Socket _socket;
    private readonly Socket _peer;
    private readonly Stream _wire = new MemoryStream();
    private Output _output;
    private byte _written;

    public OutputTests()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _socket.Connect(listener.LocalEndPoint!);
        _peer = listener.Accept();
        _output = new Output(_wire, needsFlush: false, _socket);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public async Task WriteAsync_PongToAPingThatNothingFollowed_GoesToTheSocketFromThenOn()
    {
        await WriteAsync(Opcode.Text);
        await WriteAsync(Opcode.Ping);
        _output.PongReceived();
        _wire.Length.Should().Be(2 * FrameLength);

        await WriteAsync(Opcode.Text);
        await WriteAsync(Opcode.Text);
        _wire.Length.Should().Be(2 * FrameLength);
        (await ReadAsync(6)).Should().Equal(0x81, 1, 3, 0x81, 1, 4);
        _output.IsDirect.Should().BeTrue();
    }

    [Fact]
    public async Task WriteAsync_WrittenBehindThePing_GoesToTheWire()
    {
        await WriteAsync(Opcode.Ping);
        await WriteAsync(Opcode.Text);
        _output.PongReceived();

        await WriteAsync(Opcode.Text);
        _wire.Length.Should().Be(3 * FrameLength);
    }

    [Fact]
    public async Task WriteAsync_NextPingNotAnsweredYet_GoesToTheWire()
    {
        await WriteAsync(Opcode.Ping);
        await WriteAsync(Opcode.Text);
        _output.PongReceived();
        await WriteAsync(Opcode.Ping);

        await WriteAsync(Opcode.Text);
        _wire.Length.Should().Be(4 * FrameLength);
    }

    [Fact]
    public async Task WriteAsync_NoPing_GoesToTheWire()
    {
        _output.PongReceived();

        await WriteAsync(Opcode.Text);
        _wire.Length.Should().Be(FrameLength);
    }

    [Fact]
    public async Task WriteAsync_NoSocketKnown_GoesToTheWire()
    {
        _output = new Output(_wire, needsFlush: false, socket: null);
        await WriteAsync(Opcode.Ping);
        _output.PongReceived();

        await WriteAsync(Opcode.Text);
        _wire.Length.Should().Be(2 * FrameLength);
    }

    [Fact]
    public async Task WriteAsync_MoreThanTheKernelHasRoomFor_SendsAllOfItInOrder()
    {
        await ChangeOverAsync();
        var frames = new byte[16 << 20];
        Random.Shared.NextBytes(frames);

        var writing = _output.WriteAsync(frames);
        writing.IsCompleted.Should().BeFalse("nobody reads yet");
        (await ReadAsync(frames.Length)).SequenceEqual(frames).Should().BeTrue();
        await writing.AsTask().InTime();
    }

    [Fact]
    public async Task WriteAsync_PeerHasReset_FailsAsALostConnection()
    {
        await ChangeOverAsync();
        _peer.LingerState = new LingerOption(enable: true, seconds: 0);
        _peer.Close();
        // Which of the two notices depends on what the kernel still takes.
        await FluentActions.Awaiting(() => WriteUntilItFailsAsync().InTime())
            .Should().ThrowAsync<Exception>().Where(exception => ConnectionErrors.IsConnectionLost(exception));
    }

    private async Task ChangeOverAsync()
    {
        await WriteAsync(Opcode.Ping);
        _output.PongReceived();
    }

    private async Task WriteUntilItFailsAsync()
    {
        while (true)
            await _output.WriteAsync(new byte[1 << 20]);
    }

    /// <summary>Writes a frame with one byte, another each time.</summary>
    private ValueTask WriteAsync(Opcode opcode) => _output.WriteAsync(PreparedMessage.Control(opcode, [++_written]).Frame);

    private async Task<byte[]> ReadAsync(int length)
    {
        var bytes = new byte[length];
        for (var read = 0; read < length;)
            read += await _peer.ReceiveAsync(bytes.AsMemory(read)).AsTask().InTime();
        return bytes;
    }
}

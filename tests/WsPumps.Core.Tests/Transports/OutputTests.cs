using System.Net.Sockets;
using WsPumps.Framing;
using WsPumps.Transports;

namespace WsPumps.Core.Tests.Transports;

public sealed class OutputTests : IDisposable
{
    private readonly Socket _socket;
    private readonly Socket _peer;
    private readonly Stream _wire = new MemoryStream();
    private readonly Output _output;

    public OutputTests()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _socket.Connect(listener.LocalEndPoint!);
        _peer = listener.Accept();
        _output = new Output(new FrameGate(_wire, () => { }, _socket));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public void StreamFor_PongToAPingThatNothingFollowed_IsTheSocket()
    {
        _output.StreamFor(Opcode.Text).Should().BeSameAs(_wire);
        _output.StreamFor(Opcode.Ping).Should().BeSameAs(_wire);
        _output.PongReceived();

        _output.StreamFor(Opcode.Text).Should().BeOfType<NetworkStream>();
        _output.StreamFor(Opcode.Text).Should().BeOfType<NetworkStream>();
        _output.IsDirect.Should().BeTrue();
    }

    [Fact]
    public void StreamFor_WrittenBehindThePing_IsTheWire()
    {
        _output.StreamFor(Opcode.Ping);
        _output.StreamFor(Opcode.Text);
        _output.PongReceived();

        _output.StreamFor(Opcode.Text).Should().BeSameAs(_wire);
    }

    [Fact]
    public void StreamFor_NextPingNotAnsweredYet_IsTheWire()
    {
        _output.StreamFor(Opcode.Ping);
        _output.StreamFor(Opcode.Text);
        _output.PongReceived();
        _output.StreamFor(Opcode.Ping);

        _output.StreamFor(Opcode.Text).Should().BeSameAs(_wire);
    }

    [Fact]
    public void StreamFor_NoPing_IsTheWire()
    {
        _output.PongReceived();

        _output.StreamFor(Opcode.Text).Should().BeSameAs(_wire);
    }

    [Fact]
    public void StreamFor_NoSocketKnown_IsTheWire()
    {
        var output = new Output(new FrameGate(_wire, () => { }));
        output.StreamFor(Opcode.Ping);
        output.PongReceived();

        output.StreamFor(Opcode.Text).Should().BeSameAs(_wire);
    }
}

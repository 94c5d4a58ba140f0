using System.Net.WebSockets;

namespace WsPumps.Wire.Tests.Streams;

/// <summary>What the frame gate relies on. If one of these fails, the runtime has changed, and the gate must follow.</summary>
public sealed class RuntimeWritesTests : IDisposable
{
    private readonly RecordingStream _stream = new();
    private readonly WebSocket _webSocket;

    public RuntimeWritesTests() =>
        _webSocket = WebSocket.CreateFromStream(_stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });

    public static TheoryData<int> Sizes => [0, 1, 125, 126, 65_535, 65_536, 1024 * 1024];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Send_Text_IsOneWrite(int size)
    {
        await _webSocket.SendAsync(new byte[size], WebSocketMessageType.Text, true, CancellationToken.None).InTime();

        await AssertOneWriteAsync(0x81, size);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Send_Binary_IsOneWrite(int size)
    {
        await _webSocket.SendAsync(new byte[size], WebSocketMessageType.Binary, true, CancellationToken.None).InTime();

        await AssertOneWriteAsync(0x82, size);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Send_Fragments_IsOneWriteForEach(int size)
    {
        await _webSocket.SendAsync(new byte[size], WebSocketMessageType.Text, false, CancellationToken.None).InTime();
        await AssertOneWriteAsync(0x01, size);

        await _webSocket.SendAsync(new byte[size], WebSocketMessageType.Text, true, CancellationToken.None).InTime();
        await AssertOneWriteAsync(0x80, size);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    public async Task Receive_Ping_WritesThePongWithOneWrite(int size)
    {
        _ = _webSocket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None).AsTask();
        await _stream.ReceiveAsync(ClientFrame.Ping(new byte[size]));

        await AssertOneWriteAsync(0x8A, size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a reason")]
    public async Task CloseOutput_IsOneWrite(string reason)
    {
        await _webSocket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, reason, CancellationToken.None).InTime();

        await AssertOneWriteAsync(0x88, 2 + reason.Length);
    }

    [Fact]
    public async Task Receive_ProtocolError_WritesTheCloseFrameWithOneWrite()
    {
        var receiving = _webSocket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None).AsTask();
        await _stream.ReceiveAsync(ClientFrame.Build((WireOpcode)0x3, []));

        await AssertOneWriteAsync(0x88, 2);
        var failure = await receiving.Awaiting(task => task.InTime()).Should().ThrowAsync<WebSocketException>();
        failure.Which.WebSocketErrorCode.Should().Be(WebSocketError.Faulted);
    }

    [Fact]
    public async Task Receive_IntoNoBytes_ReadsNoBytesFirst()
    {
        var receiving = _webSocket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None).AsTask();
        _stream.ReadSizes.Should().Equal(0);

        await _stream.ReceiveAsync(ClientFrame.Text("text"));
        (await receiving.InTime()).Count.Should().Be(0);
        _stream.ReadSizes.Skip(1).Should().NotContain(0);
    }

    public void Dispose()
    {
        _webSocket.Dispose();
        _stream.Dispose();
    }

    private async Task AssertOneWriteAsync(byte first, int payload)
    {
        var write = await _stream.NextWriteAsync();
        write[0].Should().Be(first);
        var header = payload switch { < 126 => 2, < 65_536 => 4, _ => 10 };
        write.Should().HaveCount(header + payload);
        _stream.TryTakeWrite(out _).Should().BeFalse("the frame is one write");
    }
}

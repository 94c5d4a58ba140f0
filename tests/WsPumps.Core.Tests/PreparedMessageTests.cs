using System.Net.WebSockets;
using System.Text;
using WsPumps.Framing;

namespace WsPumps.Core.Tests;

public sealed class PreparedMessageTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task Binary_AnyLength_IsOneFrame(int length)
    {
        var payload = new byte[length];
        new Random(length).NextBytes(payload);

        var message = PreparedMessage.Binary(payload);

        message.Type.Should().Be(WebSocketMessageType.Binary);
        message.Length.Should().Be(length);
        message.Payload.ToArray().Should().Equal(payload);
        message.IsControl.Should().BeFalse();
        var frame = await ReadAsync(message);
        frame.Opcode.Should().Be(WireOpcode.Binary);
        frame.Payload.Should().Equal(payload);
    }

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("a¢€😀z")]
    public async Task Text_FromString_IsUtf8(string text)
    {
        var message = PreparedMessage.Text(text);

        message.Type.Should().Be(WebSocketMessageType.Text);
        message.Length.Should().Be(Encoding.UTF8.GetByteCount(text));
        var frame = await ReadAsync(message);
        frame.Opcode.Should().Be(WireOpcode.Text);
        frame.Text.Should().Be(text);
    }

    [Fact]
    public async Task Text_WithLoneSurrogate_IsValidUtf8()
    {
        var frame = await ReadAsync(PreparedMessage.Text("a\uD800b"));

        frame.Text.Should().Be("a\uFFFDb");
    }

    [Fact]
    public void Text_BytesThatAreNotUtf8_Throws()
    {
        var prepare = () => PreparedMessage.Text([0xC0, 0x80]);

        prepare.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Text_Null_Throws()
    {
        var prepare = () => PreparedMessage.Text((string)null!);

        prepare.Should().Throw<ArgumentNullException>();
    }

    [Theory]
    [InlineData(WebSocketMessageType.Text)]
    [InlineData(WebSocketMessageType.Binary)]
    public void From_MessageWhoseBufferIsReused_KeepsTheContent(WebSocketMessageType type)
    {
        var buffer = "content"u8.ToArray();
        var message = PreparedMessage.From(new Message(type, buffer));
        Array.Clear(buffer);

        message.Type.Should().Be(type);
        message.Payload.ToArray().Should().Equal("content"u8.ToArray());
    }

    [Fact]
    public async Task Control_Ping_IsAControlFrame()
    {
        var message = PreparedMessage.Control(Opcode.Ping, [1, 2, 3]);

        message.IsControl.Should().BeTrue();
        var frame = await ReadAsync(message);
        frame.Opcode.Should().Be(WireOpcode.Ping);
        frame.Payload.Should().Equal(1, 2, 3);
    }

    private static async Task<WireFrame> ReadAsync(PreparedMessage message)
    {
        using var stream = new MemoryStream(message.Frame.ToArray());
        var reader = new FrameReader(stream);
        var frame = await reader.ReadAsync();
        (await reader.ReadAsync()).Should().BeNull();
        return frame!;
    }
}

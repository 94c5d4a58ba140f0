using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace WsPumps.Core.Tests;

public sealed partial class MessageConversionTests
{
    private readonly RecordingClient _client = new();

    private PreparedMessage Written => _client.Written.Should().ContainSingle().Which;

    [Fact]
    public void Write_Text_IsATextMessage()
    {
        _client.Write("text").Should().Be(WriteResult.Queued);

        Written.Type.Should().Be(WebSocketMessageType.Text);
        Encoding.UTF8.GetString(Written.Payload.Span).Should().Be("text");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Grüße, 世界")]
    public void GetText_OfAPreparedMessage_IsTheTextItWasMadeOf(string text) => PreparedMessage.Text(text).GetText().Should().Be(text);

    public static TheoryData<string, Func<IClient, WriteResult>> BinaryWrites => new()
    {
        { "array", client => client.Write(new byte[] { 1, 2 }) },
        { "memory", client => client.Write(new Memory<byte>([1, 2])) },
        { "read-only memory", client => client.Write(new ReadOnlyMemory<byte>([1, 2])) },
        { "sequence", client => client.Write(new ReadOnlySequence<byte>([1, 2])) },
        { "message", client => client.Write(Message.Binary(new byte[] { 1, 2 })) },
    };

    [Theory]
    [MemberData(nameof(BinaryWrites))]
    public void Write_Bytes_IsABinaryMessage(string what, Func<IClient, WriteResult> write)
    {
        write(_client).Should().Be(WriteResult.Queued, what);

        Written.Type.Should().Be(WebSocketMessageType.Binary);
        Written.Payload.ToArray().Should().Equal(1, 2);
    }

    [Fact]
    public async Task WriteAsync_AnyOfThem_Compiles()
    {
        IClient client = _client;

        await client.WriteAsync("text");
        await client.WriteAsync(new byte[] { 1 });
        await client.WriteAsync(new ReadOnlyMemory<byte>([1]));
        await client.WriteAsync(new ReadOnlySequence<byte>([1]));
        await client.WriteAsync(new Point(1), PointJson.Default.Point);
        await client.WriteAsync(new Point(1), JsonSerializerOptions.Web);

        _client.Written.Should().HaveCount(6);
    }

    [Fact]
    public void Write_JsonWithOptions_FollowsThem()
    {
        _client.Write(new Point(3), JsonSerializerOptions.Web);

        Encoding.UTF8.GetString(Written.Payload.Span).Should().Be("""{"x":3}""");
    }

    [Fact]
    public void Json_OptionsWithoutAResolver_UsesReflection() =>
        Encoding.UTF8.GetString(PreparedMessage.Json(new Point(3), new JsonSerializerOptions()).Payload.Span).Should().Be("""{"X":3}""");

    [Fact]
    public void GetJson_Payload_IsRead() => Message.Text("""{"X":3}"""u8.ToArray()).GetJson(PointJson.Default.Point).Should().Be(new Point(3));

    [Fact]
    public void GetJson_WithOptions_FollowsThem() =>
        Message.Text("""{"x":3}"""u8.ToArray()).GetJson<Point>(JsonSerializerOptions.Web).Should().Be(new Point(3));

    [Fact]
    public void ToString_AMessage_TellsItsTypeAndLengthAndNotItsText() =>
        Message.Text("hello"u8.ToArray()).ToString().Should().Be("Text message of 5 bytes");

    [Fact]
    public void Convert_Null_Throws()
    {
        FluentActions.Invoking(() => (PreparedMessage)(string)null!).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => (Message)(byte[])null!).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void Binary_SequenceOfSeveralPieces_IsCopiedWhole()
    {
        var first = new Piece([1, 2], null);
        var last = new Piece([3], first);

        PreparedMessage.Binary(new ReadOnlySequence<byte>(first, 0, last, 1)).Payload.ToArray().Should().Equal(1, 2, 3);
    }

    internal sealed record Point(int X);

    [JsonSerializable(typeof(Point))]
    internal sealed partial class PointJson : JsonSerializerContext;

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? before)
        {
            Memory = bytes;
            if (before is null)
                return;

            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}

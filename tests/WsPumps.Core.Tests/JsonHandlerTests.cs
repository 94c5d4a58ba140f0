using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace WsPumps.Core.Tests;

public partial class JsonHandlerTests
{
    private readonly RecordingClient _client = new() { EndsWhenClosed = false };
    private readonly List<Shape> _received = [];

    private MessageHandler Handler(Func<IClient, JsonException, CancellationToken, ValueTask>? onMalformed = null) => JsonHandler.Create(
        ShapeJson.Default.Shape,
        (_, shape, _) =>
        {
            _received.Add(shape);
            return default;
        },
        onMalformed);

    private static Message Text(string json) => Message.Text(System.Text.Encoding.UTF8.GetBytes(json));

    [Fact]
    public async Task Handler_Json_GetsTheValue()
    {
        await Handler()(_client, Text("""{"type":"circle","radius":3}"""), default).InTime();

        _received.Should().Equal(new Circle(3));
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"radius":3}""")]
    [InlineData("""{"type":"square"}""")]
    public async Task Handler_Malformed_Closes1007(string text)
    {
        await Handler()(_client, Text(text), default).InTime();

        (await _client.Closed.InTime()).Status.Should().Be(WebSocketCloseStatus.InvalidPayloadData);
        _received.Should().BeEmpty();
    }

    [Fact]
    public async Task Handler_MalformedWithOwnCallback_CallsIt()
    {
        JsonException? seen = null;

        await Handler((_, exception, _) =>
        {
            seen = exception;
            return default;
        })(_client, Text("no json"), default).InTime();

        seen.Should().NotBeNull();
        _client.Closed.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Handler_Binary_IsLeftAlone()
    {
        await Handler()(_client, Message.Binary(new byte[] { 1 }), default).InTime();

        _received.Should().BeEmpty();
        _client.Closed.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(70_000)]
    public void Json_AnyLength_IsTheSameTextAsSerialized(int length)
    {
        var value = new Label(new string('x', length));

        var message = PreparedMessage.Json<Shape>(value, ShapeJson.Default.Shape);

        message.Type.Should().Be(WebSocketMessageType.Text);
        message.Payload.ToArray().Should().Equal(JsonSerializer.SerializeToUtf8Bytes<Shape>(value, ShapeJson.Default.Shape));
        message.Frame.Span[^message.Length..].SequenceEqual(message.Payload.Span).Should().BeTrue();
        message.Frame.Length.Should().Be(PreparedMessage.Text(message.Payload.Span).Frame.Length);
    }

    [JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
    [JsonDerivedType(typeof(Circle), "circle")]
    [JsonDerivedType(typeof(Label), "label")]
    public abstract record Shape;

    public sealed record Circle([property: JsonPropertyName("radius")] int Radius) : Shape;

    public sealed record Label([property: JsonPropertyName("text")] string Text) : Shape;

    [JsonSerializable(typeof(Shape))]
    private sealed partial class ShapeJson : JsonSerializerContext;
}

using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Messages;

public sealed partial class JsonMessagesTests
{
    [Fact]
    public async Task OnJson_SeveralKinds_EachGoesToItsHandler()
    {
        await using var host = await StartAsync(_ => { });
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("""{"type":"chat","text":"hello"}""");
        await peer.SendTextAsync("""{"x":7,"nested":{"type":"chat"},"type":"move"}""");

        (await peer.ReceiveTextAsync()).Should().Be("chat hello");
        (await peer.ReceiveTextAsync()).Should().Be("move 7");
    }

    [Theory]
    [InlineData("""{"type":"leave"}""", "leave")]
    [InlineData("""{"type":7}""", "(none)")]
    [InlineData("""{"text":"x"}""", "(none)")]
    [InlineData("""{"type":"\u001b[31m"}""", "\\u001B[31m")]
    [InlineData("[]", "(none)")]
    public async Task OnJson_UnknownKind_ClosesWith1007AndTellsTheKind(string message, string kind)
    {
        await using var host = await StartAsync(_ => { });
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync(message);

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InvalidPayloadData);
        peer.CloseStatusDescription.Should().Be("The message is of an unknown kind.");
        (await host.Logs.FirstAsync("JsonUnknown")).Message.Should().Contain($"'type' is {kind}");
    }

    [Fact]
    public async Task OnUnknownJson_Set_IsCalledWithKindAndMessage()
    {
        await using var host = await StartAsync(endpoint => endpoint.OnUnknownJson((client, kind, message, cancellationToken) =>
            client.WriteAsync($"{kind} of {message.Payload.Length} bytes", cancellationToken)));
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("""{"type":"leave"}""");

        (await peer.ReceiveTextAsync()).Should().Be("leave of 16 bytes");
    }

    [Fact]
    public async Task OnUnknownJsonAndOnMalformedJson_HandlersThatWriteWithoutWaiting_AreCalled()
    {
        await using var host = await StartAsync(endpoint => endpoint
            .OnUnknownJson((client, kind, message, cancellationToken) => client.Write($"what is {kind}?"))
            .OnMalformedJson((client, exception, cancellationToken) => client.Write(exception.Path ?? "")));
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("""{"type":"leave"}""");
        await peer.SendTextAsync("""{"type":"move","x":true}""");

        (await peer.ReceiveTextAsync()).Should().Be("what is leave?");
        (await peer.ReceiveTextAsync()).Should().Be("$.x");
    }

    [Theory]
    [InlineData("""{"type":"move","x":"secret"}""", "$.x, line 0, byte 27")]
    [InlineData("""{"type":"move",""", "line 0, byte 14")]
    [InlineData("not json, secret", "line 0, byte 1")]
    public async Task OnJson_Malformed_ClosesWith1007AndTellsWhereOnce(string message, string where)
    {
        await using var host = await StartAsync(_ => { });
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync(message);

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InvalidPayloadData);
        var line = await host.Logs.FirstAsync("JsonMalformed");
        line.Message.Should().Contain(where).And.NotContain("secret");
        line.Exception.Should().BeNull("it could quote the message");
    }

    [Fact]
    public async Task OnMalformedJson_Set_IsCalledEachTimeAndLoggedOnce()
    {
        await using var host = await StartAsync(endpoint => endpoint.OnMalformedJson(async (client, exception, cancellationToken) =>
            await client.WriteAsync(exception.Path ?? "", cancellationToken)));
        var peer = await host.ConnectAsync();

        for (var i = 0; i < 3; i++)
        {
            await peer.SendTextAsync("""{"type":"move","x":true}""");
            (await peer.ReceiveTextAsync()).Should().Be("$.x");
        }

        host.Logs.Named("JsonMalformed").Should().ContainSingle();
    }

    [Fact]
    public async Task OnJson_HandlerThrowsAJsonException_IsTheHandlersFault()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
            endpoint.OnJson(Context.Default.Move, (IClient _, Move _, CancellationToken _) => throw new JsonException("of the handler")));
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("""{"x":1}""");

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        host.Logs.Named("JsonMalformed").Should().BeEmpty();
    }

    [Fact]
    public async Task UseJsonKind_OtherProperty_TellsTheKinds()
    {
        await using var host = await StartAsync(endpoint => endpoint.UseJsonKind("op"));
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("""{"type":"chat","op":"move","x":3}""");

        (await peer.ReceiveTextAsync()).Should().Be("move 3");
    }

    [Fact]
    public async Task OnJson_Options_ReadsByReflection()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnJson<Move>(
            JsonSerializerOptions.Web, (client, move, cancellationToken) => client.WriteAsync($"{move.X}", cancellationToken)));
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("""{"x":5}""");

        (await peer.ReceiveTextAsync()).Should().Be("5");
    }

    [Fact]
    public async Task OnJson_BinaryMessage_IsLeftToOtherHandlers()
    {
        await using var host = await StartAsync(endpoint => endpoint.OnMessage((client, message, _) =>
        {
            if (message.Type is WebSocketMessageType.Binary)
                client.Write("binary");
        }));
        var peer = await host.ConnectAsync();

        await peer.SendBinaryAsync([1, 2]);

        (await peer.ReceiveTextAsync()).Should().Be("binary");
    }

    [Fact]
    public async Task OnJson_BinaryMessageAndNoOtherHandler_ClosesWith1003AndTellsIt()
    {
        await using var host = await StartAsync(_ => { });
        var peer = await host.ConnectAsync();

        await peer.SendBinaryAsync("""{"type":"move","x":3}"""u8.ToArray());

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InvalidMessageType);
        peer.CloseStatusDescription.Should().Be("The endpoint takes text messages only.");
        (await host.Logs.FirstAsync("JsonBinary")).Message.Should().Contain("binary").And.Contain("OnMessage");
        host.Logs.Named("JsonBinary").Should().ContainSingle();
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("a", null)]
    [InlineData(null, "a")]
    [InlineData("a", "a")]
    public async Task OnJson_TwoThatCannotBeToldApart_Throws(string? first, string? second)
    {
        var start = () => PumpsHost.StartAsync(endpoint =>
        {
            foreach (var kind in (string?[])[first, second])
            {
                if (kind is null)
                    endpoint.OnJson(Context.Default.Move, (_, _, _) => default);
                else
                    endpoint.OnJson(kind, Context.Default.Move, (_, _, _) => default);
            }
        });

        await start.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task OnUnknownJson_WithoutAHandler_Throws()
    {
        var start = () => PumpsHost.StartAsync(endpoint => endpoint.OnUnknownJson((_, _, _, _) => default));

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*OnJson*");
    }

    private static Task<PumpsHost> StartAsync(Action<WebSocketPumpsEndpointBuilder> more) => PumpsHost.StartAsync(endpoint =>
    {
        endpoint.OnJson("chat", Context.Default.Chat, (client, chat, cancellationToken) => client.WriteAsync($"chat {chat.Text}", cancellationToken));
        endpoint.OnJson("move", Context.Default.Move, (client, move, _) => client.Write($"move {move.X}"));
        more(endpoint);
    });

    internal sealed record Chat(string Text);

    internal sealed record Move(int X);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Chat))]
    [JsonSerializable(typeof(Move))]
    private sealed partial class Context : JsonSerializerContext;
}

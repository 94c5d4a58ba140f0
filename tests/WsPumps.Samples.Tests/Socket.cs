using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WsPumps.Samples.Tests;

/// <summary>A WebSocket client with a limit on everything it waits for.</summary>
internal sealed class Socket : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[256 * 1024];

    public HttpStatusCode HandshakeStatus => _socket.HttpStatusCode;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? SubProtocol => _socket.SubProtocol;

    public static Task<Socket> OpenAsync(SampleProcess sample, string path) => OpenAsync(sample.Address, path);

    public static async Task<Socket> OpenAsync(Uri server, string path)
    {
        var socket = new Socket();
        await socket.ConnectAsync(server, path);
        return socket;
    }

    public Task ConnectAsync(SampleProcess sample, string path, string? origin = null, params string[] subProtocols) =>
        ConnectAsync(sample.Address, path, origin, subProtocols);

    private Task ConnectAsync(Uri server, string path, string? origin = null, params string[] subProtocols)
    {
        foreach (var subProtocol in subProtocols)
            _socket.Options.AddSubProtocol(subProtocol);
        _socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
            _socket.Options.SetRequestHeader("Origin", origin);
        var address = new UriBuilder(new Uri(server, path)) { Scheme = "ws" }.Uri;
        return _socket.ConnectAsync(address, CancellationToken.None).InTime();
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendAsync(byte[] payload, WebSocketMessageType type) =>
        _socket.SendAsync(payload, type, endOfMessage: true, CancellationToken.None).InTime();

    public async Task<(WebSocketMessageType Type, byte[] Payload)> ReceiveAsync()
    {
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).InTime();
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return (part.MessageType, _buffer[..length]);
    }

    public async Task<string> ReceiveTextAsync()
    {
        var (type, payload) = await ReceiveAsync();
        type.Should().Be(WebSocketMessageType.Text);
        return Encoding.UTF8.GetString(payload);
    }

    /// <summary>Receives until a message of this type comes.</summary>
    public async Task<JsonNode> ReceiveJsonAsync(string type)
    {
        while (true)
        {
            var message = JsonNode.Parse(await ReceiveTextAsync())!;
            if ((string?)message["type"] == type)
                return message;
        }
    }

    public Task SendJsonAsync(object message) => SendAsync(JsonSerializer.Serialize(message, JsonSerializerOptions.Web));

    /// <summary>Receives to the server's close frame, and answers it.</summary>
    public async Task<WebSocketCloseStatus?> ReceiveCloseAsync()
    {
        while ((await ReceiveAsync()).Type is not WebSocketMessageType.Close)
        {
        }

        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).InTime();
        return _socket.CloseStatus;
    }

    public Task CloseAsync() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).InTime();

    public void Dispose() => _socket.Dispose();
}

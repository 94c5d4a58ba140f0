using System.Net.WebSockets;
using System.Text;

namespace WsPumps.Tests.Peers;

internal static class PeerExtensions
{
    public static Task SendTextAsync(this WebSocket peer, string text, bool endOfMessage = true) =>
        peer.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage, CancellationToken.None).InTime();

    public static Task SendBinaryAsync(this WebSocket peer, byte[] payload, bool endOfMessage = true) =>
        peer.SendAsync(payload, WebSocketMessageType.Binary, endOfMessage, CancellationToken.None).InTime();

    /// <summary>The next whole message; type Close for a close frame.</summary>
    public static async Task<(WebSocketMessageType Type, byte[] Payload)> ReceiveAsync(this WebSocket peer)
    {
        using var payload = new MemoryStream();
        var buffer = new byte[16 * 1024];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await peer.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).InTime();
            payload.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);

        return (part.MessageType, payload.ToArray());
    }

    public static async Task<string> ReceiveTextAsync(this WebSocket peer)
    {
        var (type, payload) = await peer.ReceiveAsync();
        type.Should().Be(WebSocketMessageType.Text);
        return Encoding.UTF8.GetString(payload);
    }

    /// <summary>What comes back to a message.</summary>
    public static async Task<string> EchoAsync(this WebSocket peer, string text)
    {
        await peer.SendTextAsync(text);
        return await peer.ReceiveTextAsync();
    }

    /// <summary>Reads to the end.</summary>
    /// <returns>The code of the server's close frame; null when the connection ended without one.</returns>
    public static async Task<WebSocketCloseStatus?> ReceiveEndAsync(this WebSocket peer)
    {
        try
        {
            while ((await peer.ReceiveAsync()).Type is not WebSocketMessageType.Close)
            {
            }

            return peer.CloseStatus;
        }
        catch (WebSocketException exception) when (exception.WebSocketErrorCode is WebSocketError.ConnectionClosedPrematurely)
        {
            return null;
        }
    }

    /// <summary>Both halves of the closing handshake.</summary>
    public static async Task CloseAsync(this WebSocket peer, int status = 1000, string reason = "")
    {
        await peer.CloseOutputAsync((WebSocketCloseStatus)status, reason, CancellationToken.None).InTime();
        await peer.ReceiveEndAsync();
    }
}

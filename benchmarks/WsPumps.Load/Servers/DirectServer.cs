using System.Buffers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WsPumps.Load.Servers;

/// <summary>
/// The least that an accepted WebSocket can do: it waits without a buffer, receives, sends, and waits again. Nobody else could
/// write to it; it is what an echo and an idle connection are compared with.
/// </summary>
internal static class DirectServer
{
    private const int BufferSize = 64 * 1024;

    public static Task<int> StartAsync(ServerSettings settings) => KestrelHost.StartAsync(settings, _ => { }, app =>
    {
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = KestrelHost.PingInterval, KeepAliveTimeout = KestrelHost.PongTimeout });
        app.Map("/echo", EchoAsync);
    });

    private static async Task EchoAsync(HttpContext http)
    {
        using var webSocket = await http.WebSockets.AcceptWebSocketAsync();
        try
        {
            while (await webSocket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None) is { MessageType: not WebSocketMessageType.Close })
                await EchoMessageAsync(webSocket);
            await webSocket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            webSocket.Abort();
        }
    }

    private static async ValueTask EchoMessageAsync(WebSocket webSocket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            ValueWebSocketReceiveResult part;
            do
            {
                part = await webSocket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                await webSocket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, CancellationToken.None);
            }
            while (!part.EndOfMessage);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

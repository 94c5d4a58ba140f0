using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WsPumps.Load.Servers;

/// <summary>A server as a good developer writes it today, without a library.</summary>
internal static class HandwrittenServer
{
    public static Task<int> StartAsync(ServerSettings settings) => KestrelHost.StartAsync(settings, _ => { }, app =>
    {
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = KestrelHost.PingInterval, KeepAliveTimeout = KestrelHost.PongTimeout });

        app.Map("/echo", http => RunAsync(http, settings.Compresses, [], static (client, _, message) => client.WriteAsync(message)));

        var clients = new ConcurrentDictionary<HandwrittenClient, byte>();
        app.Map("/broadcast", http => RunAsync(http, settings.Compresses, clients, static (_, clients, message) =>
        {
            foreach (var (client, _) in clients)
                client.TryWrite(message);
            return default;
        }));
    });

    private static async Task RunAsync(
        HttpContext http,
        bool compresses,
        ConcurrentDictionary<HandwrittenClient, byte> clients,
        Func<HandwrittenClient, ConcurrentDictionary<HandwrittenClient, byte>, byte[], ValueTask> handle)
    {
        using var webSocket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            DangerousEnableCompression = compresses,
            DisableServerContextTakeover = true,
        });
        var client = new HandwrittenClient(webSocket);
        clients[client] = 0;
        try
        {
            await client.RunAsync(message => handle(client, clients, message));
        }
        finally
        {
            clients.TryRemove(client, out _);
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace WsPumps.Tests.Sessions;

/// <summary>A TCP proxy that cuts a connection after so many bytes in one direction: both ends are reset.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Uri _server;
    private readonly Func<(int ToClient, int ToServer)> _budgets;

    /// <param name="server">Where it leads to.</param>
    /// <param name="budgets">How many bytes the next connection may carry.</param>
    public CuttingProxy(Uri server, Func<(int ToClient, int ToServer)> budgets)
    {
        (_server, _budgets) = (server, budgets);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public Uri WebSocketAddress => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/");

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync();
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await server.ConnectAsync(_server.Host, _server.Port);
                var (toClient, toServer) = _budgets();
                _ = CarryAsync(server, client, toClient);
                _ = CarryAsync(client, server, toServer);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private static async Task CarryAsync(Socket from, Socket to, int budget)
    {
        var buffer = new byte[4096];
        try
        {
            while (budget > 0)
            {
                var length = await from.ReceiveAsync(buffer.AsMemory(0, Math.Min(buffer.Length, budget)));
                if (length == 0)
                    break;

                await to.SendAsync(buffer.AsMemory(0, length));
                budget -= length;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The other direction was cut.
        }

        // Without linger: a reset.
        from.Close(0);
        to.Close(0);
    }
}

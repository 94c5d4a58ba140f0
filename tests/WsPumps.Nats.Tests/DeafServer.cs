using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WsPumps.Nats.Tests;

/// <summary>Greets as NATS does, and then reads nothing any more: what is published stays with the publisher.</summary>
internal sealed class DeafServer : IAsyncDisposable
{
    private const string Info = "INFO {\"server_id\":\"deaf\",\"version\":\"2.10.0\",\"proto\":1,\"headers\":true,\"max_payload\":1048576}\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _serving;

    public DeafServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"nats://{_listener.LocalEndpoint}";

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _serving.InTime();
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        var sockets = new List<Socket>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stopping.Token);
                sockets.Add(socket);
                await socket.SendAsync(Encoding.ASCII.GetBytes(Info), _stopping.Token);
                var heard = "";
                var buffer = new byte[4096];
                while (!heard.Contains("PING", StringComparison.Ordinal) && await socket.ReceiveAsync(buffer, _stopping.Token) is var count and > 0)
                    heard += Encoding.ASCII.GetString(buffer, 0, count);
                await socket.SendAsync("PONG\r\n"u8.ToArray(), _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }
}

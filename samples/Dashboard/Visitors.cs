using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Dashboard;

/// <summary>Visitors of the feed, in this process: most read, two are too slow, and each leaves in a way of its own and comes back.</summary>
internal sealed partial class Visitors(IServer server, IHostApplicationLifetime host, ILogger<Visitors> logger) : BackgroundService
{
    private static readonly string[] Names = ["ada", "barbara", "edsger", "frances", "grace", "hedy", "ken", "linus", "margaret", "radia", "tim", "whitfield"];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (host.ApplicationStarted.Register(started.SetResult))
            await started.Task.WaitAsync(stoppingToken);

        var address = new Uri(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        await Task.WhenAll(Enumerable.Range(0, 2 * Names.Length).Select(number => ComeAndGoAsync(address, number, stoppingToken)));
    }

    private async Task ComeAndGoAsync(Uri server, int number, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await VisitAsync(server, number, stoppingToken);
            }
            catch (Exception exception) when (exception is WebSocketException || (exception is OperationCanceledException && !stoppingToken.IsCancellationRequested))
            {
                CutOff(logger, number, exception);
            }

            await Task.Delay(TimeSpan.FromSeconds(Random.Shared.Next(1, 5)), stoppingToken);
        }
    }

    private static async Task VisitAsync(Uri server, int number, CancellationToken stoppingToken)
    {
        using var socket = new ClientWebSocket();
        var (symbol, user) = (Symbols.All[number % Symbols.All.Length], Names[number % Names.Length]);
        var isSlow = number % 12 == 7;
        using var network = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = (connection, cancellationToken) => ConnectAsync(connection.DnsEndPoint, isSlow, cancellationToken) });
        await socket.ConnectAsync(new UriBuilder(new Uri(server, $"/feed/{symbol}?user={user}")) { Scheme = "ws" }.Uri, network, stoppingToken);

        using var visit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var reading = ReadAsync(socket, isSlow ? TimeSpan.FromSeconds(1.5) : TimeSpan.Zero, visit.Token);
        await TalkAsync(socket, TimeSpan.FromSeconds(Random.Shared.Next(10, number % 3 == 0 ? 30 : 600)), stoppingToken);
        await LeaveAsync(socket, number, stoppingToken);
        visit.CancelAfter(TimeSpan.FromSeconds(5));
        await reading;
    }

    /// <summary>A slow one has little room for what is on the way as well, or it would take minutes until the server notices.</summary>
    private static async ValueTask<Stream> ConnectAsync(EndPoint server, bool isSlow, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (isSlow)
            socket.ReceiveBufferSize = 4 * 1024;
        await socket.ConnectAsync(server, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task ReadAsync(ClientWebSocket socket, TimeSpan pause, CancellationToken cancellationToken)
    {
        var buffer = new byte[4 * 1024];
        while ((await socket.ReceiveAsync(buffer, cancellationToken)).MessageType is not WebSocketMessageType.Close)
            await Task.Delay(pause, cancellationToken);
    }

    private static async Task TalkAsync(ClientWebSocket socket, TimeSpan time, CancellationToken cancellationToken)
    {
        var end = DateTime.UtcNow + time;
        while (DateTime.UtcNow < end && socket.State is WebSocketState.Open)
        {
            await Task.Delay(Random.Shared.Next(200, 2_000), cancellationToken);
            await socket.SendAsync("more"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
    }

    private static async Task LeaveAsync(ClientWebSocket socket, int number, CancellationToken cancellationToken)
    {
        if (socket.State is not WebSocketState.Open)
            return;

        switch (number % 4)
        {
            case 0:
                await socket.SendAsync("fail"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
                break;
            case 1:
                socket.Abort();
                break;
            default:
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "Good-bye.", cancellationToken);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Visitor {Number} was cut off, and comes back.")]
    private static partial void CutOff(ILogger logger, int number, Exception exception);
}

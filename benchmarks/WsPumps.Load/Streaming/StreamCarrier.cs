using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using WsPumps.Load.Client;
using WsPumps.Load.Servers;

namespace WsPumps.Load.Streaming;

/// <summary>Makes connections: the server's end is a stream, the other a socket.</summary>
/// <param name="Name">For the report.</param>
/// <param name="OpenAsync">Makes one.</param>
internal sealed record StreamCarrier(string Name, Func<Task<StreamConnection>> OpenAsync)
{
    public static StreamCarrier OverSocket() => new("socket", async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var peer = await ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var server = await listener.AcceptSocketAsync();
        server.NoDelay = true;
        var stream = new NetworkStream(server, ownsSocket: true);
        return new StreamConnection(stream, peer, stream.Dispose);
    });

    /// <summary>The stream of an upgraded request, as servers on ASP.NET Core have it.</summary>
    public static async Task<StreamCarrier> OverKestrelAsync()
    {
        var upgraded = Channel.CreateUnbounded<(Stream Stream, Action End)>();
        var port = await KestrelHost.StartAsync(new ServerSettings(Port: 0), _ => { }, app => app.Run(async http =>
        {
            var isEnded = false;
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var stream = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            await upgraded.Writer.WriteAsync((stream, End));
            await ended.Task;

            void End()
            {
                if (Interlocked.Exchange(ref isEnded, true))
                    return;

                http.Abort();
                ended.SetResult();
            }
        }));
        return new StreamCarrier("kestrel", async () =>
        {
            var peer = await ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
            await peer.SendAsync(Handshake.Request("/", offersCompression: false));
            var answer = new Handshake();
            var buffer = new byte[1024];
            for (var isComplete = false; !isComplete;)
                isComplete = TryComplete(answer, buffer.AsSpan(0, await peer.ReceiveAsync(buffer)));
            var (stream, end) = await upgraded.Reader.ReadAsync();
            return new StreamConnection(stream, peer, end);
        });
    }

    private static bool TryComplete(Handshake answer, ReadOnlySpan<byte> bytes) => answer.TryComplete(ref bytes);

    private static async Task<Socket> ConnectAsync(IPEndPoint server)
    {
        var peer = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await peer.ConnectAsync(server);
        return peer;
    }
}

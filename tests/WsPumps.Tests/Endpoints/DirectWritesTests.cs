using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public class DirectWritesTests
{
    [Fact]
    public async Task DirectWrites_QuietRoundTrip_ChangesOverAndLosesNothing()
    {
        await using var server = await Server.StartAsync();
        using var socket = await server.ConnectAsync();
        var client = await server.Client.InTime();

        client.Write("before").Should().Be(WriteResult.Queued);
        (await ReceiveAsync(socket)).Should().Be("before");
        client.Statistics.WritesDirectly.Should().BeFalse();

        // The ping is answered by the pending receive; the next write finds the proof.
        var next = ReceiveAsync(socket);
        await server.PingAsync(client);
        client.Write("after").Should().Be(WriteResult.Queued);
        (await next).Should().Be("after");
        client.Statistics.WritesDirectly.Should().BeTrue();

        const int count = 10_000;
        var receiving = ReceiveManyAsync(socket, count);
        for (var i = 0; i < count; i++)
            await client.WriteAsync($"{i}").InTime();
        (await receiving.InTime()).Should().Equal(Enumerable.Range(0, count).Select(i => $"{i}"));

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", default).InTime();
        (await client.Completion.InTime()).Should().Match<DisconnectRecord>(record =>
            record.Reason == DisconnectReason.PeerClosed && record.MessagesSent == count + 2 && record.LocalStatus == WebSocketCloseStatus.NormalClosure);
    }

    /// <summary>A pong that was made up proves nothing about what has left the server.</summary>
    [Fact]
    public async Task DirectWrites_PongsThatAreMadeUp_StaysOnTheStream()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.PingInterval = TimeSpan.FromSeconds(10);
            endpoint.OnMessage(Echo.Handler);
        });
        using var other = await host.ConnectRawAsync();
        await host.Callbacks.NextRegisteredAsync();
        using var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        host.Clock.Advance(TimeSpan.FromSeconds(10));
        var idOfAnother = (await other.ReceiveAsync())!.Value.Payload;
        var id = (await peer.ReceiveAsync())!.Value.Payload;
        foreach (var madeUp in (byte[][])[idOfAnother, Near(id, 1), Near(id, -1), id[..7], [.. id, 0], [], new byte[8]])
            await peer.SendAsync(Opcodes.Pong, madeUp);
        await EchoAsync(peer);
        await EchoAsync(peer);
        client.Statistics.Should().Match<ClientStatistics>(statistics => !statistics.WritesDirectly && statistics.RoundTripTime == null);

        await peer.SendAsync(Opcodes.Pong, id);
        await EchoAsync(peer);
        client.Statistics.RoundTripTime.Should().NotBeNull("the right one still counts");

        static async Task EchoAsync(RawPeer peer)
        {
            await peer.SendAsync(Opcodes.Text, "echo"u8.ToArray());
            (await peer.ReceiveAsync())!.Value.Payload.Should().Equal("echo"u8.ToArray());
        }

        static byte[] Near(byte[] id, int distance)
        {
            var near = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(near, BinaryPrimitives.ReadUInt64BigEndian(id) + (ulong)distance);
            return near;
        }
    }

    [Fact]
    public async Task DirectWrites_TurnedOff_StaysOnTheStream()
    {
        await using var server = await Server.StartAsync(options => options.DirectWrites = false);

        await server.RoundTripThenWriteAsync();
    }

    [Fact]
    public async Task DirectWrites_ConnectionLoggingInBetween_StaysOnTheStream()
    {
        await using var server = await Server.StartAsync(listen: options => options.UseConnectionLogging());

        await server.RoundTripThenWriteAsync();
    }

    /// <summary>Its output looks exactly like the server's own; only the comparison with what was accepted tells the two apart.</summary>
    [Fact]
    public async Task DirectWrites_MiddlewareWithAPlainPipeInBetween_StaysOnTheStream()
    {
        await using var server = await Server.StartAsync(listen: options => options.Use(next => async connection =>
        {
            var (accepted, toSocket) = (connection.Transport, new Pipe());
            connection.Transport = new PlainDuplex(accepted.Input, toSocket.Writer);
            var copying = toSocket.Reader.CopyToAsync(accepted.Output);
            await next(connection);
            await toSocket.Writer.CompleteAsync();
            await copying;
            connection.Transport = accepted;
        }));

        await server.RoundTripThenWriteAsync();
    }

    [Fact]
    public async Task DirectWrites_MiddlewareThatOnlyLooksOn_ChangesOver()
    {
        await using var server = await Server.StartAsync(listen: options => options.Use(next => next));
        using var socket = await server.ConnectAsync();
        var client = await server.Client.InTime();

        var next = ReceiveAsync(socket);
        await server.PingAsync(client);
        client.Write("after").Should().Be(WriteResult.Queued);

        (await next).Should().Be("after");
        client.Statistics.WritesDirectly.Should().BeTrue();
    }

    [Fact]
    public async Task DirectWrites_Tls_StaysOnTheStream()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var server = await Server.StartAsync(listen: options => options.UseHttps(certificate));

        await server.RoundTripThenWriteAsync();
    }

    private static async Task<string> ReceiveAsync(WebSocket socket)
    {
        var buffer = new byte[256];
        var result = await socket.ReceiveAsync(buffer, default).InTime();
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    }

    private static async Task<List<string>> ReceiveManyAsync(WebSocket socket, int count)
    {
        var received = new List<string>(count);
        while (received.Count < count)
            received.Add(await ReceiveAsync(socket));
        return received;
    }

    private sealed class Server : IAsyncDisposable
    {
        public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(10);

        private readonly TaskCompletionSource<Client> _client = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private WebApplication _app = null!;

        public ManualTimeProvider Clock { get; } = new();

        public Task<Client> Client => _client.Task;

        public static async Task<Server> StartAsync(Action<WebSocketPumpsOptions>? configure = null, Action<ListenOptions>? listen = null)
        {
            var server = new Server();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen ?? (_ => { })));
            builder.Services.AddSingleton<TimeProvider>(server.Clock);
            builder.Services.AddWebSocketPumps(options =>
            {
                options.PingInterval = PingInterval;
                configure?.Invoke(options);
            });
            server._app = builder.Build();
            server._app.MapWebSocketPumps("/", endpoint => endpoint.Register(context =>
            {
                server._client.SetResult((Client)context.Client);
                return default;
            }));
            await server._app.StartAsync().InTime();
            return server;
        }

        public async Task<ClientWebSocket> ConnectAsync()
        {
            var socket = new ClientWebSocket();
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            socket.Options.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
            await socket.ConnectAsync(new Uri(_app.Urls.First().Replace("http", "ws", StringComparison.Ordinal)), default).InTime();
            return socket;
        }

        public async Task PingAsync(Client client)
        {
            var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            client.Events.PongReceived += _ => answered.TrySetResult();
            Clock.Advance(PingInterval);
            await answered.Task.InTime();
        }

        public async Task RoundTripThenWriteAsync()
        {
            using var socket = await ConnectAsync();
            var client = await Client.InTime();
            var next = ReceiveAsync(socket);
            await PingAsync(client);
            client.Write("after").Should().Be(WriteResult.Queued);
            (await next).Should().Be("after");
            client.Statistics.WritesDirectly.Should().BeFalse();
        }

        public async ValueTask DisposeAsync() => await _app.DisposeAsync();
    }

    private sealed record PlainDuplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WsPumps.Testing;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests;

/// <summary>An application on a real Kestrel, on a clock that stands still, and the peers that connect to it.</summary>
internal sealed class PumpsHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<IDisposable> _peers = new();

    private PumpsHost(WebApplication app, ManualTimeProvider clock, LogRecorder logs, OpenConnections connections, ConnectionLog callbacks) =>
        (_app, Clock, Logs, Connections, Callbacks) = (app, clock, logs, connections, callbacks);

    public ManualTimeProvider Clock { get; }

    public LogRecorder Logs { get; }

    public OpenConnections Connections { get; }

    public ConnectionLog Callbacks { get; }

    public IServiceProvider Services => _app.Services;

    public Broadcaster Broadcaster => Services.GetRequiredService<Broadcaster>();

    public Uri Address => new(_app.Urls.Single());

    /// <summary>What the application measures from here on.</summary>
    public MetricsRecorder Measure() => new(Services.GetRequiredService<IMeterFactory>());

    /// <summary>One endpoint at the root, whose callbacks are watched.</summary>
    public static Task<PumpsHost> StartAsync(Action<WebSocketPumpsEndpointBuilder> configure, Action<WebApplicationBuilder>? build = null)
    {
        var callbacks = new ConnectionLog();
        return StartAppAsync(app => app.MapWebSocketPumps("/", Watched(configure, callbacks)), build, callbacks);
    }

    /// <summary>An application of its own pipeline.</summary>
    public static async Task<PumpsHost> StartAppAsync(
        Action<WebApplication> map, Action<WebApplicationBuilder>? build = null, ConnectionLog? callbacks = null)
    {
        var (clock, logs, connections) = (new ManualTimeProvider(), RecordLogs(), new OpenConnections());
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(logs.Provider);
        builder.Services.AddRouting().AddSingleton<TimeProvider>(clock).AddWebSocketPumps();
        // Longer than any test waits: a host that stops only because its time is over is a failure.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = 2 * Limit.Time);
        build?.Invoke(builder);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(connections.Count)));

        var app = builder.Build();
        try
        {
            map(app);
            await app.StartAsync().InTime();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new PumpsHost(app, clock, logs, connections, callbacks ?? new ConnectionLog());
    }

    /// <summary>What the library logs, and errors of everybody.</summary>
    private static LogRecorder RecordLogs() =>
        new() { RealTimeLimit = Limit.Time, Wanted = static (category, level) => level >= (category == "WsPumps" ? LogLevel.Debug : LogLevel.Error) };

    /// <summary>For <c>build</c>: options for all endpoints.</summary>
    public static Action<WebApplicationBuilder> With(Action<WebSocketPumpsOptions> configure) => builder => builder.Services.Configure(configure);

    /// <summary>For <c>build</c>: the system's clock, where the time of the machine itself is the matter.</summary>
    public static void RealTime(WebApplicationBuilder builder) => builder.Services.Replace(ServiceDescriptor.Singleton(TimeProvider.System));

    /// <summary>For <c>build</c>: so little room on the way that a peer that does not read is noticed after some 100 KiB.</summary>
    public static void SmallBuffers(WebApplicationBuilder builder) => builder.WebHost
        .ConfigureKestrel(kestrel => kestrel.Limits.MaxResponseBufferSize = 16 * 1024)
        .UseSockets(sockets => sockets.CreateBoundListenSocket = endpoint =>
        {
            // Accepted sockets inherit the size.
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.SendBufferSize = 8 * 1024;
            return socket;
        });

    public Uri WebSocketAddress(string path = "/") => new UriBuilder(new Uri(Address, path)) { Scheme = "ws" }.Uri;

    public async Task<ClientWebSocket> ConnectAsync(string path = "/", Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        _peers.Enqueue(socket);
        configure?.Invoke(socket.Options);
        await socket.ConnectAsync(WebSocketAddress(path), CancellationToken.None).InTime();
        return socket;
    }

    /// <summary>Both ends of one connection. For one connection at a time.</summary>
    public async Task<(ClientWebSocket Peer, IClient Client)> ConnectPairAsync()
    {
        var peer = await ConnectAsync();
        return (peer, await Callbacks.NextRegisteredAsync());
    }

    /// <summary>Connected and known to the manager. Needs an endpoint that echoes.</summary>
    public async Task<ClientWebSocket> ConnectKnownAsync(string path = "/")
    {
        var peer = await ConnectAsync(path);
        await peer.SendTextAsync("known?");
        (await peer.ReceiveTextAsync()).Should().Be("known?");
        return peer;
    }

    /// <summary>A peer below the level of messages. One with a small receive buffer stops the server early when it does not read.</summary>
    public async Task<RawPeer> ConnectRawAsync(int? receiveBuffer = null, string path = "/")
    {
        var peer = await RawPeer.ConnectAsync(WebSocketAddress(path), receiveBuffer);
        _peers.Enqueue(peer);
        return peer;
    }

    /// <summary>Sends the request of a handshake and returns the answer: 101, or why not.</summary>
    public Task<HttpResponseMessage> HandshakeAsync(string path = "/", params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, [.. Handshake.Headers, .. headers]);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        var http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8 }) { Timeout = Limit.Time };
        _peers.Enqueue(http);
        using var request = new HttpRequestMessage(method, new Uri(Address, path));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value).Should().BeTrue();
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Lets the heartbeat go on, one beat at a time, until it has brought something about. The beat itself runs on another thread.</summary>
    public async Task BeatUntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    /// <summary>Stops the host as SIGTERM would.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Cuts off all peers and stops. Afterwards every request has ended.</summary>
    public async Task EndAsync()
    {
        foreach (var peer in _peers)
            peer.Dispose();
        await StopAsync().InTime();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers)
            peer.Dispose();
        // The clock runs, so that nothing that is stuck holds up the end of a test that has failed.
        await Clock.AdvanceUntilAsync(StopAsync());
        await _app.DisposeAsync().InTime();
    }

    private static Action<WebSocketPumpsEndpointBuilder> Watched(Action<WebSocketPumpsEndpointBuilder> configure, ConnectionLog callbacks) => endpoint =>
    {
        // The clock of a test can run minutes ahead while a message is on its way: a ping's answer would always be late.
        endpoint.Options.PingInterval = TimeSpan.Zero;
        configure(endpoint);
        callbacks.Watch(endpoint);
    };
}

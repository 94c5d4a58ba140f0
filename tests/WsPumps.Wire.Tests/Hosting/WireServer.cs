using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WsPumps.Testing;
using WsPumps.Wire.Tests.Clients;

namespace WsPumps.Wire.Tests.Hosting;

/// <summary>Kestrel with one endpoint, on a port for each <see cref="Carrier"/>, that keeps account of its connections.</summary>
internal sealed class WireServer : IAsyncDisposable
{
    public const string Path = "/socket";

    private readonly WebApplication _app;
    private readonly Channel<IClient> _arrived = Channel.CreateUnbounded<IClient>();
    private readonly Channel<IClient> _left = Channel.CreateUnbounded<IClient>();
    private int _registered;
    private int _unregistered;
    private int _open;

    private WireServer(Action<WebSocketPumpsEndpointBuilder> configure, TimeProvider? time, bool smallBuffers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (smallBuffers)
            builder.WebHost.UseSockets(static sockets => sockets.CreateBoundListenSocket = ListenWithSmallBuffers);
        builder.WebHost.UseKestrel(kestrel =>
        {
            if (smallBuffers)
                kestrel.Limits.MaxResponseBufferSize = 16 * 1024;
            kestrel.Listen(IPAddress.Loopback, 0, listen => Counted(listen).Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => Counted(listen).Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => Counted(listen).UseHttps(Certificate.Localhost));
        });
        builder.Logging.AddProvider(Log.Provider);
        builder.Services.AddRoutingCore();
        builder.Services.AddWebSocketPumps();
        if (time is not null)
            builder.Services.AddSingleton(time);

        _app = builder.Build();
        _app.Use(CountedAsync);
        _app.MapWebSocketPumps(Path, endpoint =>
        {
            // Pings are one of the things to be tested; elsewhere a frame that nobody asked for would only be in the way.
            endpoint.Options.PingInterval = TimeSpan.Zero;
            endpoint.Register(Registering);
            endpoint.Unregister(Unregistering);
            configure(endpoint);
        });
    }

    /// <summary>Every error, and the warnings of the library. Those of the server say that the machine is slow.</summary>
    public LogRecorder Log { get; } = new() { Wanted = static (category, level) => level >= (category == "WsPumps" ? LogLevel.Warning : LogLevel.Error) };

    public IServiceProvider Services => _app.Services;

    public Broadcaster Broadcaster => _app.Services.GetRequiredService<Broadcaster>();

    public int Registered => Volatile.Read(ref _registered);

    public int Unregistered => Volatile.Read(ref _unregistered);

    /// <summary>Waits until the server has neither a connection nor a request left.</summary>
    public Task WhenNothingIsOpenAsync() => Turns.UntilAsync(() => Volatile.Read(ref _open) == 0);

    /// <param name="configure">The endpoint.</param>
    /// <param name="time">Its clock; null for the system's.</param>
    /// <param name="smallBuffers">Whether there is so little room on the way that a peer that does not read is noticed after some 50 KiB.</param>
    public static async Task<WireServer> StartAsync(
        Action<WebSocketPumpsEndpointBuilder> configure, TimeProvider? time = null, bool smallBuffers = false)
    {
        var server = new WireServer(configure, time, smallBuffers);
        await server._app.StartAsync().InTime();
        return server;
    }

    /// <summary>Sends every message back.</summary>
    public static Task<WireServer> StartEchoAsync(Action<WebSocketPumpsEndpointBuilder>? configure = null, TimeProvider? time = null) => StartAsync(
        endpoint =>
        {
            endpoint.OnMessage(async (client, message, cancellationToken) => await client.WriteAsync(message, cancellationToken));
            configure?.Invoke(endpoint);
        },
        time);

    public Task<RawWebSocketClient> ConnectAsync(Carrier carrier = Carrier.Http1, int? receiveBuffer = null) => (carrier switch
    {
        Carrier.Http1 => Http1Handshake.ConnectAsync(EndPoint(0), Path, tls: false, receiveBuffer),
        Carrier.Http1Tls => Http1Handshake.ConnectAsync(EndPoint(2), Path, tls: true, receiveBuffer),
        Carrier.Http2 => Http2Handshake.ConnectAsync(EndPoint(1), Path, tls: false),
        _ => Http2Handshake.ConnectAsync(EndPoint(2), Path, tls: true),
    }).InTime();

    /// <summary>Both ends of a new connection.</summary>
    public async Task<(RawWebSocketClient Peer, IClient Client)> OpenAsync(Carrier carrier = Carrier.Http1, int? receiveBuffer = null)
    {
        var peer = await ConnectAsync(carrier, receiveBuffer);
        return (peer, await NextArrivedAsync());
    }

    /// <summary>The server's side of the next connection. Broadcasts reach it from now on, or it has ended already.</summary>
    public async Task<IClient> NextArrivedAsync()
    {
        var client = await NextRegisteringAsync();
        // They do when its register callback has returned, which is a moment after that has told of it.
        await Turns.UntilAsync(() => client.Completion.IsCompleted || Broadcaster.Client(client.Id).Local.Count > 0);
        return client;
    }

    /// <summary>The server's side of the next connection, whose register callback may not have returned, and perhaps never will.</summary>
    public Task<IClient> NextRegisteringAsync() => _arrived.Reader.ReadAsync().InTime();

    /// <summary>The next connection that was unregistered: how it ended.</summary>
    public async Task<DisconnectRecord> NextEndAsync() => await (await _left.Reader.ReadAsync().InTime()).Completion.InTime();

    public IPEndPoint EndPoint(int index) =>
        IPEndPoint.Parse(new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(index)).Authority);

    /// <summary>Stops the host as SIGTERM would.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Ends the connections first: with a manual clock no deadline would.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in Broadcaster.Manager.Clients)
            client.Abort();
        await _app.StopAsync().InTime();
        await _app.DisposeAsync().InTime();
    }

    /// <summary>Accepted sockets inherit the size.</summary>
    private static Socket ListenWithSmallBuffers(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        socket.SendBufferSize = 8 * 1024;
        return socket;
    }

    private ListenOptions Counted(ListenOptions listen)
    {
        listen.Use(next => connection => CountedAsync(() => next(connection)));
        return listen;
    }

    private Task CountedAsync(HttpContext http, RequestDelegate next) => CountedAsync(() => next(http));

    private async Task CountedAsync(Func<Task> run)
    {
        Interlocked.Increment(ref _open);
        try
        {
            await run();
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private void Registering(RegisterContext context)
    {
        Interlocked.Increment(ref _registered);
        _arrived.Writer.TryWrite(context.Client);
    }

    private void Unregistering(UnregisterContext context)
    {
        Interlocked.Increment(ref _unregistered);
        _left.Writer.TryWrite(context.Client);
    }
}

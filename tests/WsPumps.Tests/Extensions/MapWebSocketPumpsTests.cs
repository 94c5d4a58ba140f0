using System.Net;
using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Extensions;

public sealed class MapWebSocketPumpsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Map_WithOrWithoutUseWebSocketsBefore_Echoes(bool useWebSockets)
    {
        await using var host = await PumpsHost.StartAppAsync(app =>
        {
            if (useWebSockets)
                app.UseWebSockets();
            app.MapWebSocketPumps("/ws/{room}", Echo.Handler);
        });

        var peer = await host.ConnectAsync("/ws/blue");
        await peer.SendTextAsync("hello");

        (await peer.ReceiveTextAsync()).Should().Be("hello");
    }

    [Fact]
    public async Task Map_Http2_Echoes()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, builder => builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http2)));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var peer = new ClientWebSocket();
        peer.Options.HttpVersion = HttpVersion.Version20;
        peer.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        await peer.ConnectAsync(host.WebSocketAddress(), http, CancellationToken.None).InTime();
        await peer.SendTextAsync("hello");

        (await peer.ReceiveTextAsync()).Should().Be("hello");
        await peer.CloseAsync(4000);
        ((int?)peer.CloseStatus).Should().Be(4000);
        var client = await host.Callbacks.NextUnregisteredAsync();
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.PeerClosed);
    }

    [Fact]
    public async Task Map_HandlerClassWithOptions_OptionsApply()
    {
        await using var host = await PumpsHost.StartAppAsync(
            app => app.MapWebSocketPumps<EchoHandler>("/", endpoint => endpoint.Options.MaxMessageSize = 1),
            builder => builder.Services.AddSingleton<HandlerLog>());

        var peer = await host.ConnectAsync();
        await peer.SendTextAsync("xx");

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.MessageTooBig);
    }

    [Fact]
    public async Task Map_EverythingSet_EachIsCalledInTheOrderOfAConnection()
    {
        var calls = Channel.CreateUnbounded<string>();
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/", endpoint =>
        {
            endpoint.Setup(Called<ConnectionSetup>("setup"));
            endpoint.Factory(context =>
            {
                calls.Writer.TryWrite("factory");
                return context.CreateClient();
            });
            endpoint.Register(_ => Called<int>("register")(0));
            endpoint.Unregister(Called<UnregisterContext>("unregister"));
            endpoint.OnMessage((_, _, _) => Called<int>("first handler")(0));
            endpoint.OnMessage((_, _, _) => Called<int>("second handler")(0));
        }));

        var peer = await host.ConnectAsync();
        await peer.SendTextAsync("x");
        await peer.CloseAsync();

        foreach (var expected in (string[])["setup", "factory", "register", "first handler", "second handler", "unregister"])
            (await calls.Reader.ReadAsync().InTime()).Should().Be(expected);

        Func<T, ValueTask> Called<T>(string name) => _ =>
        {
            calls.Writer.TryWrite(name);
            return default;
        };
    }

    [Fact]
    public async Task Map_PingInterval_PeerIsPinged()
    {
        await using var host = await PumpsHost.StartAsync(
            endpoint => endpoint.Options.PingInterval = TimeSpan.FromSeconds(1), PumpsHost.RealTime);

        using var peer = await host.ConnectRawAsync();

        (await peer.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Ping);
    }

    [Fact]
    public async Task Map_HandlerClassOutsideTheServices_IsMadeForTheConnectionAndDisposed()
    {
        var log = new HandlerLog();
        await using var host = await PumpsHost.StartAppAsync(
            app => app.MapWebSocketPumps<DisposableEchoHandler>("/"),
            builder => builder.Services.AddSingleton(log));

        await ExchangeAsync(host);

        await ExpectAsync(log, "connected", "message", "disconnected", "disposed");
    }

    [Fact]
    public async Task Map_HandlerClassWithAsyncDispose_IsDisposed()
    {
        var log = new HandlerLog();
        await using var host = await PumpsHost.StartAppAsync(
            app => app.MapWebSocketPumps<AsyncDisposableEchoHandler>("/"),
            builder => builder.Services.AddSingleton(log));

        await ExchangeAsync(host);

        await ExpectAsync(log, "connected", "message", "disconnected", "disposed");
    }

    [Fact]
    public async Task Map_HandlerClassInTheServices_IsTheRegisteredOneAndDisposedOnce()
    {
        var log = new HandlerLog();
        await using var host = await PumpsHost.StartAppAsync(
            app => app.MapWebSocketPumps<DisposableEchoHandler>("/"),
            builder => builder.Services.AddScoped(_ =>
            {
                log.Add("made");
                return new DisposableEchoHandler(log);
            }));

        await ExchangeAsync(host);
        await ExchangeAsync(host);

        await ExpectAsync(log, "made", "connected", "message", "disconnected", "disposed");
        await ExpectAsync(log, "made", "connected", "message", "disconnected", "disposed");
    }

    [Fact]
    public async Task Map_HandlerClassAndCallbacksAsWell_ThoseOfTheEndpointAreCalledFirst()
    {
        var log = new HandlerLog();
        await using var host = await PumpsHost.StartAppAsync(
            app => app.MapWebSocketPumps<EchoHandler>("/", endpoint => endpoint
                .Register(_ => log.Add("registered"))
                .AddFilter((client, message, next, cancellationToken) =>
                {
                    log.Add("filtered");
                    return next(client, message, cancellationToken);
                })
                .OnMessage((_, _, _) => log.Add("handled"))
                .Unregister(_ => log.Add("unregistered"))),
            builder => builder.Services.AddSingleton(log));

        await ExchangeAsync(host);

        await ExpectAsync(log, "registered", "connected", "filtered", "handled", "message", "unregistered", "disconnected");
    }

    [Theory]
    [InlineData("/ws", "/ws")]
    [InlineData("/ws", "/WS/")]
    [InlineData("/rooms/{room}", "/rooms/{room}")]
    [InlineData("/rooms/{room}", "/rooms/{name}")]
    [InlineData("/v{version:int}/{*rest}", "/V{number:int}/{*path}")]
    public async Task Map_SameRouteTwice_HostDoesNotStartAndNamesIt(string first, string second)
    {
        var start = () => PumpsHost.StartAppAsync(app =>
        {
            app.MapWebSocketPumps(first, Echo.Handler);
            app.MapWebSocketPumps(second, Echo.Handler);
        });

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage($"*'{second.TrimEnd('/')}'*");
    }

    [Theory]
    [InlineData("/rooms/{room}", "/rooms/{room:int}")]
    [InlineData("/rooms/{room}", "/rooms/{room?}/members")]
    [InlineData("/a.b", "/a/b")]
    public async Task Map_RoutesThatDiffer_HostStarts(string first, string second)
    {
        await using var host = await PumpsHost.StartAppAsync(app =>
        {
            app.MapWebSocketPumps(first, Echo.Handler);
            app.MapWebSocketPumps(second, Echo.Handler);
            app.MapPost(first, () => "posted");
            app.MapFallback(second, () => "nothing else");
        });
    }

    /// <summary>Routing prefers the endpoint that names the method, so a handshake over HTTP/1.1 would get its page.</summary>
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/rooms/{room}", "/Rooms/{name}")]
    public async Task Map_RouteIsMappedForGetToo_HostDoesNotStartAndNamesBoth(string socket, string page)
    {
        var start = () => PumpsHost.StartAppAsync(app =>
        {
            app.MapWebSocketPumps(socket, Echo.Handler);
            app.MapGet(page, () => "a page");
        });

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage($"*'{socket}'*{page}*GET*");
    }

    [Fact]
    public async Task Map_NoHandler_FirstMessageIsWarnedAboutOnce()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/", endpoint => endpoint.Options.PingInterval = TimeSpan.Zero));
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("x");
        await peer.SendTextAsync("x");
        await peer.CloseAsync();

        (await host.Logs.FirstAsync("MessageUnhandled")).Message.Should().Contain("OnMessage");
        host.Logs.Named("MessageUnhandled").Should().ContainSingle();
    }

    [Fact]
    public async Task Map_FactoryReturnsNull_ConnectionIsClosedWith1011AndLogged()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/", endpoint =>
        {
            endpoint.Factory(_ => null!);
            Echo.Endpoint(endpoint);
        }));

        (await (await host.ConnectAsync()).ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        (await host.Logs.FirstAsync("FactoryFailed")).Exception!.Message.Should().Contain("returned null");
    }

    [Fact]
    public async Task Map_FactoryReturnsAClientWithoutCompletion_ConnectionIsClosedWith1011AndLogged()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/", endpoint =>
        {
            endpoint.Factory(connection => new EndlessClient(connection.CreateClient()));
            Echo.Endpoint(endpoint);
        }));

        (await (await host.ConnectAsync()).ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        (await host.Logs.FirstAsync("FactoryFailed")).Exception!.Message.Should().Contain("EndlessClient").And.Contain("Completion is null");
    }

    public static TheoryData<string, Action<WebSocketPumpsEndpointBuilder>> Changes => new()
    {
        { "Setup", endpoint => endpoint.Setup(_ => { }) },
        { "Factory", endpoint => endpoint.Factory(connection => connection.CreateClient()) },
        { "Register", endpoint => endpoint.Register(_ => { }) },
        { "Unregister", endpoint => endpoint.Unregister(_ => { }) },
        { "AuthenticationExpiring", endpoint => endpoint.AuthenticationExpiring(_ => { }) },
        { "OnMessage", endpoint => endpoint.OnMessage((_, _, _) => { }) },
        { "OnMessage of a class", endpoint => endpoint.OnMessage<IMessageHandler>() },
        { "OnMessageStream", endpoint => endpoint.OnMessageStream((_, _, _) => default, WebSocketMessageType.Binary) },
        { "OnJson", endpoint => endpoint.OnJson<int>(System.Text.Json.JsonSerializerOptions.Web, (_, _, _) => { }) },
        { "UseJsonKind", endpoint => endpoint.UseJsonKind("op") },
        { "AddFilter", endpoint => endpoint.AddFilter((client, message, next, token) => next(client, message, token)) },
        { "ConnectionLimits.Add", endpoint => endpoint.ConnectionLimits.Add(new ConnectionLimit(1)) },
        { "ConnectionLimits.Clear", endpoint => endpoint.ConnectionLimits.Clear() },
        { "MessageLimiter", endpoint => endpoint.MessageLimiter = null },
        { "ByteLimiter", endpoint => endpoint.ByteLimiter = null },
        { "Resume", endpoint => endpoint.Resume = new ResumeOptions() },
        { "PlatformKeepAlive", endpoint => endpoint.PlatformKeepAlive = true },
        { "Broadcaster", endpoint => endpoint.Broadcaster = new Broadcaster(new Manager()) },
        { "Manager", endpoint => endpoint.Manager = new Manager() },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Map_EndpointIsChangedAfterwards_ThrowsAndSaysWhereItBelongs(string what, Action<WebSocketPumpsEndpointBuilder> change)
    {
        WebSocketPumpsEndpointBuilder? kept = null;
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/", endpoint => kept = endpoint));

        kept!.Invoking(change).Should().Throw<InvalidOperationException>(what).WithMessage("*mapped already*inside the callback of MapWebSocketPumps*");
    }

    [Fact]
    public async Task Map_PathOfNoEndpoint_Answers404()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/ws", Echo.Handler));

        using var answer = await host.HandshakeAsync("/other");

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Map_WithoutAdd_NamesTheMissingCall()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        await using var app = builder.Build();

        var map = () => app.MapWebSocketPumps("/", Echo.Handler);

        map.Should().Throw<InvalidOperationException>().WithMessage("*AddWebSocketPumps()*");
    }

    private static async Task ExchangeAsync(PumpsHost host)
    {
        var peer = await host.ConnectAsync();
        await peer.SendTextAsync("x");
        (await peer.ReceiveTextAsync()).Should().Be("x");
        await peer.CloseAsync();
        // The services of a request are disposed after its connection is gone.
        await host.Connections.WhenNoneAsync();
    }

    private static async Task ExpectAsync(HandlerLog log, params string[] events)
    {
        foreach (var expected in events)
            (await log.NextAsync()).Should().Be(expected);
    }

    private sealed class EndlessClient(IClient inner) : DelegatingClient(inner)
    {
        public override Task<DisconnectRecord> Completion => null!;
    }
}

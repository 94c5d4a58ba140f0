using System.Net;
using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class AdmissionTests
{
    [Fact]
    public async Task MaxConnections_Reached_Answers503OnEveryEndpointUntilOneHasGone()
    {
        await using var host = await PumpsHost.StartAppAsync(
            app =>
            {
                app.MapWebSocketPumps("/a", Echo.Handler);
                app.MapWebSocketPumps("/b", Echo.Handler);
            },
            PumpsHost.With(options => options.MaxConnections = 2));
        var first = await host.ConnectKnownAsync("/a");
        await host.ConnectKnownAsync("/b");

        using var answer = await host.HandshakeAsync("/a");
        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.Should().NotBeNull();
        (await host.Logs.FirstAsync("ConnectionLimitReached")).Message.Should().Contain("/a").And.Contain("2 are allowed");

        await first.CloseAsync();
        await ConnectWhenThereIsRoomAsync(host, "/b");
    }

    [Fact]
    public async Task MaxConnections_ManyAtOnce_ExactlyAsManyGetIn()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, PumpsHost.With(options => options.MaxConnections = 5));

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => host.HandshakeAsync()));

        answers.Count(answer => answer.StatusCode is HttpStatusCode.SwitchingProtocols).Should().Be(5);
        answers.Count(answer => answer.StatusCode is HttpStatusCode.ServiceUnavailable).Should().Be(35);
    }

    [Theory]
    [InlineData("setup throws")]
    [InlineData("setup refuses")]
    [InlineData("factory throws")]
    [InlineData("factory throws with a client made")]
    [InlineData("register throws")]
    [InlineData("peer aborts")]
    public async Task MaxConnections_ConnectionThatFails_GivesItsPlaceBack(string how)
    {
        var limit = new ConnectionLimit(1);
        await using var host = await PumpsHost.StartAsync(
            endpoint =>
            {
                endpoint.ConnectionLimits.Add(limit);
                endpoint.Setup(setup =>
                {
                    if (Fails(setup.HttpContext, "setup throws"))
                        throw new InvalidOperationException(how);
                    if (Fails(setup.HttpContext, "setup refuses"))
                        setup.Refuse(403);
                    return default;
                });
                endpoint.Factory(context =>
                {
                    if (Fails(context.HttpContext, "factory throws"))
                        throw new InvalidOperationException(how);
                    var client = context.CreateClient();
                    if (Fails(context.HttpContext, "factory throws with a client made"))
                        throw new InvalidOperationException(how);
                    client.Items["fails"] = Fails(context.HttpContext, "register throws");
                    return client;
                });
                endpoint.Register(context => context.Client.Items["fails"] is true ? throw new InvalidOperationException(how) : default);
                Echo.Endpoint(endpoint);
            },
            PumpsHost.With(options => options.MaxConnections = 1));

        if (how == "peer aborts")
        {
            using var peer = await host.ConnectRawAsync();
            peer.Reset();
        }
        else
        {
            using var failed = await host.HandshakeAsync("/?fail");
        }

        await ConnectWhenThereIsRoomAsync(host, "/");
        limit.Count.Should().Be(1);

        bool Fails(Microsoft.AspNetCore.Http.HttpContext http, string what) => how == what && http.Request.Query.ContainsKey("fail");
    }

    [Fact]
    public async Task ConnectionLimits_PerUser_EachHasPlacesOfTheirOwn()
    {
        await using var host = await StartWithUsersAsync(ConnectionLimit.PerUser(1));
        await ConnectAsync(host, "ada");
        await ConnectAsync(host, "grace");
        await ConnectAsync(host, null);
        await ConnectAsync(host, null);

        using var answer = await host.HandshakeAsync("/", ("User", "ada"));

        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ConnectionLimits_CloseOldest_TheOldestIsClosedAsReplaced(bool wrapped)
    {
        await using var host = await StartWithUsersAsync(ConnectionLimit.PerUser(1, closeOldest: true), wrapped);
        var oldest = await ConnectAsync(host, "ada");
        var old = await host.Callbacks.NextRegisteredAsync();

        var newest = await ConnectAsync(host, "ada");

        (await oldest.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await oldest.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        (await old.Completion.InTime()).Reason.Should().Be(DisconnectReason.Replaced);
        await newest.SendTextAsync("still here");
        (await newest.ReceiveTextAsync()).Should().Be("still here");
    }

    [Fact]
    public async Task ConnectionLimits_CloseOldestOfAClientThatTheFactoryMade_IsReplaced()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.ConnectionLimits.Add(new ConnectionLimit(1) { CloseOldest = true });
            endpoint.Factory(context => new Client(context.WebSocket));
            Echo.Endpoint(endpoint);
        });
        var oldest = await host.ConnectAsync();
        var old = await host.Callbacks.NextRegisteredAsync();

        await host.ConnectAsync();

        (await oldest.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await oldest.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        (await old.Completion.InTime()).Reason.Should().Be(DisconnectReason.Replaced);
    }

    [Fact]
    public async Task ConnectionLimits_CloseOldestOfACustomClient_IsClosed()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.ConnectionLimits.Add(new ConnectionLimit(1) { CloseOldest = true });
            endpoint.PlatformKeepAlive = true;
            endpoint.Factory(context => new ChannelClient(context.WebSocket));
            Echo.Endpoint(endpoint);
        });
        var oldest = await host.ConnectKnownAsync();

        await host.ConnectKnownAsync();

        (await oldest.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.NormalClosure, "this client closes with 1000, whatever it is told");
    }

    [Fact]
    public async Task ConnectionLimits_OneForTwoEndpoints_CountsThemTogether()
    {
        var both = new ConnectionLimit(1);
        await using var host = await PumpsHost.StartAppAsync(app =>
        {
            foreach (var path in (string[])["/a", "/b"])
            {
                app.MapWebSocketPumps(path, endpoint =>
                {
                    endpoint.ConnectionLimits.Add(both);
                    Echo.Endpoint(endpoint);
                });
            }
        });
        await host.ConnectKnownAsync("/a");

        using var answer = await host.HandshakeAsync("/b");

        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task KestrelsLimitOnUpgradedConnections_Reached_Answers503AndNamesIt()
    {
        await using var host = await PumpsHost.StartAsync(
            Echo.Endpoint,
            builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxConcurrentUpgradedConnections = 1));
        await host.ConnectKnownAsync();

        using var answer = await host.HandshakeAsync();

        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        answer.Headers.Contains("Sec-WebSocket-Accept").Should().BeFalse();
        (await host.Logs.FirstAsync("NotUpgraded")).Message.Should().Contain("MaxConcurrentUpgradedConnections");
        host.Logs.Named("ApplicationError").Should().BeEmpty();
    }

    [Theory]
    [InlineData("v2", HttpStatusCode.SwitchingProtocols, "v2")]
    [InlineData("v1, v2", HttpStatusCode.SwitchingProtocols, "v2")]
    [InlineData("v3", HttpStatusCode.BadRequest, null)]
    [InlineData(null, HttpStatusCode.BadRequest, null)]
    public async Task RequireSubProtocol_ClientOffers_OneOfThemOr400(string? offered, HttpStatusCode status, string? chosen)
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.SubProtocols.Add("v2");
            endpoint.Options.SubProtocols.Add("v1");
            endpoint.Options.RequireSubProtocol = true;
        });

        using var answer = await host.HandshakeAsync("/", offered is null ? [] : [("Sec-WebSocket-Protocol", offered)]);

        answer.StatusCode.Should().Be(status);
        if (chosen is null)
            (await answer.Content.ReadAsStringAsync().InTime()).Should().Contain("v2, v1");
        else
            answer.Headers.GetValues("Sec-WebSocket-Protocol").Should().Equal(chosen);
    }

    private static Task<PumpsHost> StartWithUsersAsync(ConnectionLimit limit, bool wrapped = false)
    {
        var callbacks = new ConnectionLog();
        return PumpsHost.StartAppAsync(
            app =>
            {
                app.Use((http, next) =>
                {
                    if (http.Request.Headers["User"] is [{ } name])
                        http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], "test"));
                    return next(http);
                });
                app.MapWebSocketPumps("/", endpoint =>
                {
                    endpoint.Options.PingInterval = TimeSpan.Zero;
                    endpoint.ConnectionLimits.Add(limit);
                    if (wrapped)
                        endpoint.Factory(context => new WrappingClient(context.CreateClient()));
                    Echo.Endpoint(endpoint);
                    callbacks.Watch(endpoint);
                });
            },
            callbacks: callbacks);
    }

    private static async Task<ClientWebSocket> ConnectAsync(PumpsHost host, string? user)
    {
        var peer = await host.ConnectAsync("/", options =>
        {
            if (user is not null)
                options.SetRequestHeader("User", user);
        });
        await peer.SendTextAsync("known?");
        await peer.ReceiveTextAsync();
        return peer;
    }

    /// <summary>The server gives a place back some time after the peer has seen the end.</summary>
    private static async Task ConnectWhenThereIsRoomAsync(PumpsHost host, string path)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (true)
        {
            // Not disposed: the connection stays as long as its answer.
            var answer = await host.HandshakeAsync(path);
            if (answer.StatusCode is HttpStatusCode.SwitchingProtocols)
                break;
            answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}

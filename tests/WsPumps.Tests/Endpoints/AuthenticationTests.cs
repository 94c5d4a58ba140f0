using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class AuthenticationTests
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ticket_Expires_ConnectionIsClosedWith1008(bool wrapped)
    {
        await using var host = await StartAsync(endpoint =>
        {
            if (wrapped)
                endpoint.Factory(context => new WrappingClient(context.CreateClient()));
        });
        var (peer, client) = await ConnectAsync(host);

        await ExpectExpiryAtAsync(host, peer, client, Life);
    }

    [Fact]
    public async Task Ticket_ExpiresButTheOptionIsOff_ConnectionGoesOn()
    {
        await using var host = await StartAsync(endpoint => endpoint.Options.CloseOnAuthenticationExpiration = false);
        var (peer, _) = await ConnectAsync(host);

        host.Clock.Advance(2 * Life);

        await ExchangeAsync(peer);
    }

    [Fact]
    public async Task Setup_SetsTheTimeOfExpiry_ThatOneCounts()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Setup(setup =>
            {
                setup.AuthenticationExpiresAt.Should().BeNull();
                setup.Token.Should().BeNull();
                setup.HttpContext.User = Tickets.User("ada");
                setup.AuthenticationExpiresAt = new DateTimeOffset(2030, 1, 1, 0, 5, 0, TimeSpan.Zero);
                return default;
            });
            Echo.Endpoint(endpoint);
        });
        var (peer, client) = await host.ConnectPairAsync();
        ((Client)client).AuthenticationExpiresAt.Should().Be(new DateTimeOffset(2030, 1, 1, 0, 5, 0, TimeSpan.Zero));
        client.User!.FindFirstValue(ClaimTypes.NameIdentifier).Should().Be("ada");

        await ExpectExpiryAtAsync(host, peer, client, TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Expiring_AskedAndRefreshed_ConnectionGoesOnToTheNewTime(bool wrapped)
    {
        var asked = 0;
        await using var host = await StartAsync(endpoint =>
        {
            if (wrapped)
                endpoint.Factory(context => new WrappingClient(context.CreateClient()));
            endpoint.Options.AuthenticationNotice = TimeSpan.FromMinutes(2);
            endpoint.AuthenticationExpiring(context =>
            {
                Interlocked.Increment(ref asked);
                context.Client.Write("refresh");
            });
            endpoint.AddFilter((client, message, next, cancellationToken) =>
            {
                if (message.GetText() == "fresh")
                    client.RefreshAuthentication(new DateTimeOffset(2030, 1, 1, 1, 0, 0, TimeSpan.Zero), Tickets.User("ada", new Claim("level", "2")));
                return next(client, message, cancellationToken);
            });
        });
        var (peer, client) = await ConnectAsync(host);

        host.Clock.Advance(Life - TimeSpan.FromMinutes(2));
        (await peer.ReceiveTextAsync()).Should().Be("refresh");
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        asked.Should().Be(1);
        await peer.SendTextAsync("fresh");
        (await peer.ReceiveTextAsync()).Should().Be("fresh");

        client.User!.FindFirstValue("level").Should().Be("2");
        host.Clock.Advance(TimeSpan.FromMinutes(59) - host.Clock.Elapsed);
        (await peer.ReceiveTextAsync()).Should().Be("refresh");
        asked.Should().Be(2);
        await ExpectExpiryAtAsync(host, peer, client, TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Expiring_HandlerClass_IsAskedWithTheClient()
    {
        await using var host = await PumpsHost.StartAppAsync(
            app => app.MapWebSocketPumps<AskingHandler>("/", endpoint => endpoint.Options.PingInterval = TimeSpan.Zero),
            Tickets.AddBearerTokens);
        var peer = await host.ConnectAsync("/", options => options.SetRequestHeader("Authorization", "Bearer " + host.Token("ada", Life)));
        await ExchangeAsync(peer);

        host.Clock.Advance(Life - TimeSpan.FromSeconds(30));

        (await peer.ReceiveTextAsync()).Should().Be("refresh");
    }

    [Fact]
    public async Task Expiring_CallbackThrows_IsLoggedAndTheConnectionEndsInTime()
    {
        await using var host = await StartAsync(endpoint => endpoint.AuthenticationExpiring(_ => throw new InvalidOperationException("asking failed")));
        var (peer, client) = await ConnectAsync(host);

        host.Clock.Advance(Life - TimeSpan.FromSeconds(30));

        (await host.Logs.FirstAsync("CallbackFailed")).Exception!.Message.Should().Be("asking failed");
        await ExpectExpiryAtAsync(host, peer, client, Life);
    }

    [Fact]
    public async Task Refresh_OfAConnectionAtRest_ToAnEarlierTime_IsKept()
    {
        await using var host = await StartAsync(endpoint => endpoint.Options.PingInterval = TimeSpan.Zero);
        var (peer, client) = await ConnectAsync(host);
        client.RefreshAuthentication(null);
        host.Clock.Advance(TimeSpan.FromSeconds(10));

        client.RefreshAuthentication(host.Clock.GetUtcNow() + TimeSpan.FromSeconds(5));

        await ExpectExpiryAtAsync(host, peer, client, TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Refresh_ToNever_ConnectionGoesOn()
    {
        await using var host = await StartAsync();
        var (peer, client) = await ConnectAsync(host);

        client.RefreshAuthentication(null);
        host.Clock.Advance(2 * Life);

        await ExchangeAsync(peer);
    }

    [Theory]
    [InlineData("grace")]
    [InlineData(null)]
    public async Task Refresh_WithAnotherUser_Throws(string? name)
    {
        await using var host = await StartAsync();
        var (_, client) = await ConnectAsync(host);

        var refresh = () => client.RefreshAuthentication(null, name is null ? new ClaimsPrincipal() : Tickets.User(name));

        refresh.Should().Throw<ArgumentException>().WithMessage("*another user*");
        client.User!.FindFirstValue(ClaimTypes.NameIdentifier).Should().Be("ada");
    }

    [Fact]
    public async Task Refresh_ClientFromScratch_ThrowsAndNamesIt()
    {
        await using var host = await StartAsync(endpoint => endpoint.Factory(context => new ChannelClient(context.WebSocket)));
        var (_, client) = await ConnectAsync(host);

        var refresh = () => client.RefreshAuthentication(null);

        refresh.Should().Throw<NotSupportedException>().WithMessage("*ChannelClient*RefreshAuthentication*DelegatingClient*");
    }

    /// <summary>As with MapInboundClaims = false, where neither the name identifier nor a name is there.</summary>
    [Fact]
    public async Task Refresh_UserByTheApplicationsOwnRule_TheSameAndNoOtherIsAccepted()
    {
        await using var host = await PumpsHost.StartAsync(
            endpoint =>
            {
                endpoint.Setup(setup => setup.HttpContext.User = OfSubject("ada"));
                Echo.Endpoint(endpoint);
            },
            PumpsHost.With(options => options.UserId = user => user.FindFirst("sub")?.Value));
        var (_, client) = await host.ConnectPairAsync();

        client.RefreshAuthentication(null, OfSubject("ada"));
        var refresh = () => client.RefreshAuthentication(null, OfSubject("grace"));

        refresh.Should().Throw<ArgumentException>().WithMessage("*another user*");

        static ClaimsPrincipal OfSubject(string subject) => new(new ClaimsIdentity([new Claim("sub", subject)], "test"));
    }

    [Fact]
    public async Task Ticket_ExpiresOfAClientFromScratch_IsClosedAndNoTimerIsLeft()
    {
        await using var host = await StartAsync(endpoint =>
        {
            endpoint.PlatformKeepAlive = true;
            endpoint.Factory(context => new ChannelClient(context.WebSocket));
        });
        var (peer, _) = await ConnectAsync(host);

        host.Clock.Advance(Life);

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.NormalClosure, "this client closes with 1000, whatever it is told");
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        await host.Callbacks.NextUnregisteredAsync();
        await host.EndAsync();
        await host.Clock.UntilTimersAsync(0);
    }

    [Fact]
    public async Task Refresh_OfAClientFromScratch_MovesTheEndAlsoBeyondWhatATimerCounts()
    {
        ClientFactoryContext? connection = null;
        await using var host = await StartAsync(endpoint =>
        {
            endpoint.PlatformKeepAlive = true;
            endpoint.Factory(context => new ChannelClient((connection = context).WebSocket));
        });
        var (peer, _) = await ConnectAsync(host);

        connection!.RefreshAuthentication(host.Clock.GetUtcNow() + TimeSpan.FromDays(120));
        host.Clock.Advance(TimeSpan.FromDays(119));
        await ExchangeAsync(peer);

        host.Clock.Advance(TimeSpan.FromDays(1));
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.NormalClosure, "this client closes with 1000, whatever it is told");
    }

    private static Task<PumpsHost> StartAsync(Action<WebSocketPumpsEndpointBuilder>? configure = null) => PumpsHost.StartAsync(
        endpoint =>
        {
            Echo.Endpoint(endpoint);
            configure?.Invoke(endpoint);
        },
        Tickets.AddBearerTokens);

    private static async Task<(ClientWebSocket Peer, IClient Client)> ConnectAsync(PumpsHost host)
    {
        var peer = await host.ConnectAsync("/", options => options.SetRequestHeader("Authorization", "Bearer " + host.Token("ada", Life)));
        return (peer, await host.Callbacks.NextRegisteredAsync());
    }

    private static async Task ExchangeAsync(ClientWebSocket peer)
    {
        await peer.SendTextAsync("there?");
        (await peer.ReceiveTextAsync()).Should().Be("there?");
    }

    /// <summary>The clock stops at that time: the peer has all of its time to answer the close.</summary>
    private static async Task ExpectExpiryAtAsync(PumpsHost host, ClientWebSocket peer, IClient client, TimeSpan elapsed)
    {
        host.Clock.Advance(elapsed - host.Clock.Elapsed - TimeSpan.FromSeconds(1));
        await ExchangeAsync(peer);

        host.Clock.Advance(TimeSpan.FromSeconds(1));

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
        peer.CloseStatusDescription.Should().Contain("authentication");
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.AuthenticationExpired);
    }

    private sealed class AskingHandler : WebSocketPumpsHandler
    {
        public override async ValueTask OnMessageAsync(IClient client, Message message, CancellationToken cancellationToken) =>
            await client.WriteAsync(message, cancellationToken);

        public override async ValueTask OnAuthenticationExpiringAsync(AuthenticationExpiringContext context) =>
            await context.Client.WriteAsync("refresh", context.CancellationToken);
    }
}

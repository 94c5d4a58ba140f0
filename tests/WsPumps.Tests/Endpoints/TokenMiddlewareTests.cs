using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class TokenMiddlewareTests
{
    [Theory]
    [InlineData("chat, bearer.{0}", HttpStatusCode.SwitchingProtocols)]
    [InlineData("bearer.{0}, chat", HttpStatusCode.SwitchingProtocols)]
    [InlineData("bearer.{0}", HttpStatusCode.SwitchingProtocols)]
    [InlineData("chat", HttpStatusCode.Unauthorized)]
    [InlineData("chat, bearer.wrong", HttpStatusCode.Unauthorized)]
    [InlineData("chat, bearer.", HttpStatusCode.Unauthorized)]
    [InlineData("chat, {0}", HttpStatusCode.Unauthorized)]
    public async Task SubProtocol_WithAToken_IsAuthenticatedAndNeverSentBack(string offered, HttpStatusCode status)
    {
        await using var host = await StartAsync(options => options.TokenSubProtocolPrefix = "bearer.");
        var token = host.Token("ada", TimeSpan.FromHours(1));

        using var answer = await host.HandshakeAsync("/", ("Sec-WebSocket-Protocol", string.Format(null, offered, token)));

        answer.StatusCode.Should().Be(status);
        if (status is HttpStatusCode.SwitchingProtocols)
        {
            answer.Headers.TryGetValues("Sec-WebSocket-Protocol", out var chosen);
            (chosen ?? []).Should().Equal(offered.Contains("chat", StringComparison.Ordinal) ? ["chat"] : []);
        }

        host.Logs.OfPumps.Should().NotContain(entry => entry.Message.Contains(token));
    }

    [Theory]
    [InlineData("?access_token={0}", HttpStatusCode.SwitchingProtocols, "")]
    [InlineData("?a=1&access_token={0}&b=%20x", HttpStatusCode.SwitchingProtocols, "?a=1&b=%20x")]
    [InlineData("?access%5Ftoken={0}", HttpStatusCode.SwitchingProtocols, "")]
    [InlineData("?token={0}", HttpStatusCode.Unauthorized, null)]
    [InlineData("?access_token=a%0D%0Ab", HttpStatusCode.Unauthorized, null)]
    [InlineData("", HttpStatusCode.Unauthorized, null)]
    public async Task Query_WithAToken_IsAuthenticatedAndTakenOut(string query, HttpStatusCode status, string? left)
    {
        string? seen = null;
        await using var host = await StartAsync(options => options.TokenQueryParameter = "access_token", setup => seen = setup.HttpContext.Request.QueryString.Value);

        using var answer = await host.HandshakeAsync("/" + string.Format(null, query, Uri.EscapeDataString(host.Token("ada", TimeSpan.FromHours(1)))));

        answer.StatusCode.Should().Be(status);
        seen.Should().Be(left);
    }

    [Fact]
    public async Task Header_ThereAlready_WinsOverTheSubProtocol()
    {
        string? token = null;
        await using var host = await StartAsync(options => options.TokenSubProtocolPrefix = "bearer.", setup => token = setup.Token);
        var own = host.Token("ada", TimeSpan.FromHours(1));

        using var answer = await host.HandshakeAsync("/", ("Authorization", "Bearer " + own), ("Sec-WebSocket-Protocol", "chat, bearer.other"));

        answer.StatusCode.Should().Be(HttpStatusCode.SwitchingProtocols);
        token.Should().Be(own);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("bearer.", "access_token")]
    public async Task Request_OffOrForNoWebSocket_IsLeftAlone(string? prefix, string? parameter)
    {
        await using var host = await PumpsHost.StartAppAsync(
            app => app.MapGet("/", (HttpRequest request) => $"{request.Headers.Authorization}|{request.Headers.SecWebSocketProtocol}|{request.QueryString}"),
            PumpsHost.With(options => (options.TokenSubProtocolPrefix, options.TokenQueryParameter) = (prefix, parameter)));
        (string, string)[] upgrade = prefix is null ? Handshake.Headers : [];

        using var answer = await host.SendAsync(HttpMethod.Get, "/?access_token=x", [("Sec-WebSocket-Protocol", "bearer.x"), .. upgrade]);

        (await answer.Content.ReadAsStringAsync().InTime()).Should().Be("|bearer.x|?access_token=x");
    }

    [Fact]
    public async Task SubProtocol_Http2_IsAuthenticated()
    {
        await using var host = await StartAsync(
            options => options.TokenSubProtocolPrefix = "bearer.",
            build: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http2)));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var peer = new ClientWebSocket();
        peer.Options.HttpVersion = HttpVersion.Version20;
        peer.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        peer.Options.AddSubProtocol("chat");
        peer.Options.AddSubProtocol("bearer." + host.Token("ada", TimeSpan.FromHours(1)));

        await peer.ConnectAsync(host.WebSocketAddress(), http, CancellationToken.None).InTime();

        peer.SubProtocol.Should().Be("chat");
    }

    [Fact]
    public async Task Query_UnderTestServer_IsAuthenticated()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        Tickets.AddBearerTokens(builder);
        builder.Services.AddWebSocketPumps(options => options.TokenQueryParameter = "access_token");
        await using var app = builder.Build();
        string? token = null;
        app.MapWebSocketPumps("/", endpoint => endpoint.Setup(setup =>
        {
            token = setup.Token;
            return default;
        }));
        await app.StartAsync().InTime();

        using var peer = await app.GetTestServer().CreateWebSocketClient().ConnectAsync(new Uri("ws://localhost/?access_token=x"), CancellationToken.None).InTime();

        token.Should().Be("x");
    }

    /// <summary>As a WebApplication does it by itself: authentication stands before everything that the application adds.</summary>
    private static Task<PumpsHost> StartAsync(
        Action<WebSocketPumpsOptions> configure, Action<ConnectionSetup>? setup = null, Action<WebApplicationBuilder>? build = null) => PumpsHost.StartAppAsync(
        app => app.MapWebSocketPumps("/", endpoint =>
        {
            endpoint.Options.SubProtocols.Add("chat");
            endpoint.Setup(connection =>
            {
                setup?.Invoke(connection);
                return default;
            });
        }).RequireAuthorization(),
        builder =>
        {
            Tickets.AddBearerTokens(builder);
            PumpsHost.With(configure)(builder);
            build?.Invoke(builder);
        });
}

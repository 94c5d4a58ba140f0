using System.Net;
using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Hosting;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class ConnectionEndpointTests
{
    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Request_ForNoWebSocket_Answers400WithASentence(string method)
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);

        using var answer = await host.SendAsync(new HttpMethod(method), "/");

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync().InTime()).Should().Contain("WebSocket");
        answer.Content.Headers.ContentType!.MediaType.Should().Be("text/plain");
    }

    [Theory]
    [InlineData("8")]
    [InlineData("14")]
    [InlineData("")]
    public async Task Request_OtherVersionOfTheProtocol_Answers426WithTheOneThatIsSpoken(string version)
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);

        using var answer = await host.SendAsync(HttpMethod.Get, "/",
            ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", version), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="));

        answer.StatusCode.Should().Be(HttpStatusCode.UpgradeRequired);
        answer.Headers.GetValues("Sec-WebSocket-Version").Should().Equal("13");
        answer.Headers.Upgrade.ToString().Should().Be("websocket");
    }

    [Fact]
    public async Task Setup_ChangesAnOption_ForThisConnectionOnly()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Setup(setup =>
            {
                if (setup.HttpContext.Request.Query.ContainsKey("small"))
                    setup.Options.MaxMessageSize = 1;
                return default;
            });
            Echo.Endpoint(endpoint);
        });
        var small = await host.ConnectAsync("/?small");
        var other = await host.ConnectAsync();

        await small.SendTextAsync("xx");
        (await small.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.MessageTooBig);

        await other.SendTextAsync("xx");
        (await other.ReceiveTextAsync()).Should().Be("xx");
    }

    [Fact]
    public async Task Setup_Refuses_StatusAndTextAreTheAnswer()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Setup(async setup =>
        {
            await Task.Yield();
            setup.Refuse(402, "Pay first.");
        }));

        using var answer = await host.HandshakeAsync();

        answer.StatusCode.Should().Be(HttpStatusCode.PaymentRequired);
        (await answer.Content.ReadAsStringAsync().InTime()).Should().Be("Pay first.");
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(0);
    }

    [Theory]
    [InlineData(101)]
    [InlineData(200)]
    [InlineData(399)]
    [InlineData(600)]
    public async Task Setup_RefusesWithAStatusThatIsNoError_Throws(int status)
    {
        var thrown = new TaskCompletionSource<Exception>();
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Setup(setup =>
        {
            thrown.SetResult(FluentActions.Invoking(() => setup.Refuse(status)).Should().Throw<ArgumentOutOfRangeException>().Which);
            return default;
        }));

        await host.ConnectAsync();

        (await thrown.Task.InTime()).Message.Should().Contain("400 to 599");
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("breaks a rule")]
    public async Task Setup_Fails_Answers500AndThereIsNoClient(string how)
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Setup(setup =>
        {
            if (how == "throws")
                throw new InvalidOperationException("setup failed");
            setup.Options.MaxQueuedMessages = 0;
            return default;
        }));

        using var answer = await host.HandshakeAsync();

        answer.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await host.Logs.FirstAsync("ApplicationError")).Exception!.Message.Should().Contain(how == "throws" ? "setup failed" : "MaxQueuedMessages is 0");
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(0);
    }

    [Fact]
    public async Task Setup_NeverReturns_Answers500AfterCallbackTimeout()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Setup(async _ =>
        {
            began.SetResult();
            await new TaskCompletionSource().Task;
        }));

        var handshake = host.HandshakeAsync();
        await began.Task.InTime();
        var waited = await host.Clock.AdvanceUntilAsync(handshake);

        using var answer = await handshake;
        answer.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        waited.Should().BeGreaterThanOrEqualTo(new WebSocketPumpsOptions().CallbackTimeout);
    }

    [Fact]
    public async Task Factory_Throws_PeerIsClosedWith1011AndItIsLogged()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Factory(_ => throw new InvalidOperationException("factory failed")));

        var peer = await host.ConnectAsync();

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        (await host.Logs.FirstAsync("FactoryFailed")).Exception!.Message.Should().Be("factory failed");
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(0);
    }

    [Fact]
    public async Task Factory_ThrowsAfterItMadeAClient_PeerIsClosedWith1011AndTheClientEnds()
    {
        var made = new TaskCompletionSource<Client>();
        await using var host = await PumpsHost.StartAsync(
            endpoint => endpoint.Factory(context =>
            {
                made.SetResult(context.CreateClient());
                made.Task.Result.Write("never seen");
                throw new InvalidOperationException("factory failed");
            }),
            PumpsHost.With(options => options.MaxTotalQueuedBytes = 1000));

        var peer = await host.ConnectAsync();

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        var client = await made.Task.InTime();
        (await client.Completion.InTime()).LocalStatus.Should().Be(WebSocketCloseStatus.InternalServerError);
        client.Statistics.QueuedBytes.Should().Be(0);
        host.Services.GetRequiredService<PumpsServer>().Budget!.QueuedBytes.Should().Be(0);
        (await host.Logs.FirstAsync("FactoryFailed")).Exception!.Message.Should().Be("factory failed");
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(0);
    }

    [Fact]
    public async Task Factory_CreatesTwoClients_PeerIsClosedWith1011()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Factory(context =>
        {
            context.CreateClient();
            return context.CreateClient();
        }));

        var peer = await host.ConnectAsync();

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        (await host.Logs.FirstAsync("FactoryFailed")).Exception!.Message.Should().Contain("one client for each connection");
    }

    [Fact]
    public async Task HandlerClass_CannotBeMade_PeerIsClosedWith1011AndItIsLogged()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps<EchoHandler>("/"));

        var peer = await host.ConnectAsync();

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        (await host.Logs.FirstAsync("FactoryFailed")).Exception!.Message.Should().Contain(nameof(HandlerLog));
    }

    [Fact]
    public async Task Request_WithAUser_ClientHasIt()
    {
        await using var host = await PumpsHost.StartAppAsync(app =>
        {
            app.Use((http, next) =>
            {
                http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ada")], "test"));
                return next(http);
            });
            app.MapWebSocketPumps("/", async (client, _, cancellationToken) =>
                await client.WriteAsync(client.User!.Identity!.Name!, cancellationToken));
        });

        var peer = await host.ConnectAsync();
        await peer.SendTextAsync("who am I?");

        (await peer.ReceiveTextAsync()).Should().Be("ada");
    }
}

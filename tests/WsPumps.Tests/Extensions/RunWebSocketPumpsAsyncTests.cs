using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Extensions;

public sealed class RunWebSocketPumpsAsyncTests
{
    [Theory]
    [InlineData("/handler", false)]
    [InlineData("/handler", true)]
    [InlineData("/endpoint", false)]
    [InlineData("/class", false)]
    [InlineData("/controller/echo", false)]
    [InlineData("/controller/echo", true)]
    [InlineData("/controller/verbs", false)]
    public async Task Run_EveryForm_Echoes(string path, bool useWebSockets)
    {
        await using var host = await StartAsync(useWebSockets);

        var peer = await host.ConnectAsync(path);
        await peer.SendTextAsync("hello");

        (await peer.ReceiveTextAsync()).Should().Be("hello");
        await peer.CloseAsync();
        await host.Connections.WhenNoneAsync();
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
    }

    [Theory]
    [InlineData("/handler")]
    [InlineData("/controller/echo")]
    public async Task Run_NotAWebSocketRequest_Answers400(string path)
    {
        await using var host = await StartAsync(useWebSockets: false);

        using var answer = await host.SendAsync(HttpMethod.Get, path);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("/controller/get")]
    [InlineData("/get")]
    public async Task Run_RouteOnlyForGet_FailsLoudlyAndSaysWhatToDo(string path)
    {
        await using var host = await StartAsync(useWebSockets: false);

        using var answer = await host.HandshakeAsync(path);

        answer.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await host.Logs.FirstAsync("ApplicationError")).Exception!.Message.Should().Contain("CONNECT").And.Contain("[Route(").And.Contain("MapGet");
    }

    [Fact]
    public async Task Run_WithoutAdd_NamesTheMissingCall()
    {
        using var services = new ServiceCollection().BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = services };

        var run = () => http.RunWebSocketPumpsAsync(Echo.Handler);

        await run.Should().ThrowAsync<InvalidOperationException>().WithMessage("*AddWebSocketPumps()*");
    }

    private static Task<PumpsHost> StartAsync(bool useWebSockets) => PumpsHost.StartAppAsync(
        app =>
        {
            if (useWebSockets)
                app.UseWebSockets();
            app.Map("/handler", (HttpContext http) => http.RunWebSocketPumpsAsync(Echo.Handler));
            app.MapGet("/get", (HttpContext http) => http.RunWebSocketPumpsAsync(Echo.Handler));
            app.Map("/endpoint", (HttpContext http) => http.RunWebSocketPumpsAsync(Echo.Endpoint));
            app.Map("/class", (HttpContext http) => http.RunWebSocketPumpsAsync<EchoHandler>());
            app.MapControllers();
        },
        builder =>
        {
            builder.Services.AddSingleton<HandlerLog>();
            builder.Services.AddControllers().AddApplicationPart(typeof(PumpsController).Assembly);
        });
}

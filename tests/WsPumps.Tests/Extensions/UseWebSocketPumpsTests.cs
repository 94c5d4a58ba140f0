using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Extensions;

public sealed class UseWebSocketPumpsTests
{
    [Theory]
    [InlineData("/handler")]
    [InlineData("/handler/")]
    [InlineData("/HANDLER")]
    [InlineData("/endpoint")]
    [InlineData("/class")]
    public async Task Use_EveryForm_Echoes(string path)
    {
        await using var host = await StartAsync();

        var peer = await host.ConnectAsync(path);
        await peer.SendTextAsync("hello");

        (await peer.ReceiveTextAsync()).Should().Be("hello");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/handler/below")]
    [InlineData("/handlers")]
    public async Task Use_OtherPath_GoesOnThroughThePipeline(string path)
    {
        await using var host = await StartAsync();

        using var answer = await host.HandshakeAsync(path);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync().InTime()).Should().Be("the end of the pipeline");
    }

    [Fact]
    public async Task Use_AfterUseWebSockets_Echoes()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.UseWebSockets().UseWebSocketPumps("/", Echo.Handler));

        var peer = await host.ConnectAsync();
        await peer.SendTextAsync("hello");

        (await peer.ReceiveTextAsync()).Should().Be("hello");
    }

    [Fact]
    public async Task Use_WithoutAdd_NamesTheMissingCall()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        await using var app = builder.Build();

        var use = () => app.UseWebSocketPumps("/", Echo.Handler);

        use.Should().Throw<InvalidOperationException>().WithMessage("*AddWebSocketPumps()*");
    }

    private static Task<PumpsHost> StartAsync() => PumpsHost.StartAppAsync(
        app =>
        {
            app.UseWebSocketPumps("/handler", Echo.Handler);
            app.UseWebSocketPumps("/endpoint", Echo.Endpoint);
            app.UseWebSocketPumps<EchoHandler>("/class");
            app.Run(http => http.Response.WriteAsync("the end of the pipeline"));
        },
        builder => builder.Services.AddSingleton<HandlerLog>());
}

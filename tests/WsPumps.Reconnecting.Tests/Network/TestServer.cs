using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace WsPumps.Reconnecting.Tests.Network;

/// <summary>A real server that echoes at <c>/</c>. What comes before the endpoint can refuse.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app, ConcurrentQueue<HttpRequestSummary> requests) => (_app, Requests) = (app, requests);

    public ConcurrentQueue<HttpRequestSummary> Requests { get; }

    public Uri Address => new(_app.Urls.Single().Replace("http", "ws", StringComparison.Ordinal));

    public Broadcaster Broadcaster => _app.Services.GetRequiredService<Broadcaster>();

    public static async Task<TestServer> StartAsync(
        Func<HttpContext, bool>? refuse = null, Action<WebSocketPumpsOptions>? options = null, HttpProtocols protocols = HttpProtocols.Http1, int port = 0)
    {
        var requests = new ConcurrentQueue<HttpRequestSummary>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = protocols));
        builder.Services.AddRouting().AddWebSocketPumps(options);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Limit.Time);
        var app = builder.Build();
        app.Use(async (http, next) =>
        {
            requests.Enqueue(new HttpRequestSummary(http.Request.Protocol, http.Request.Headers.Authorization, http.Request.Headers["X-Own"], http.Request.Headers.SecWebSocketProtocol, http.Request.Headers.Cookie));
            if (refuse?.Invoke(http) != true)
                await next(http);
        });
        app.MapWebSocketPumps("/", async (client, message, cancellationToken) => await client.WriteAsync(message, cancellationToken));
        await app.StartAsync();
        return new TestServer(app, requests);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().InTime();
        await _app.DisposeAsync();
    }

    internal sealed record HttpRequestSummary(string Protocol, string? Authorization, string? Own, string? SubProtocols, string? Cookie);
}

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

    private readonly ConcurrentDictionary<HttpContext, bool> _open;

    private TestServer(WebApplication app, ConcurrentQueue<HttpRequestSummary> requests, ConcurrentDictionary<HttpContext, bool> open) =>
        (_app, Requests, _open) = (app, requests, open);

    public ConcurrentQueue<HttpRequestSummary> Requests { get; }

    /// <summary>What has come to the endpoint that resumes.</summary>
    public ConcurrentQueue<string> Received { get; } = new();

    public Uri Address => new(_app.Urls.Single().Replace("http", "ws", StringComparison.Ordinal));

    public Broadcaster Broadcaster => _app.Services.GetRequiredService<Broadcaster>();

    /// <summary>All connections break, without a word.</summary>
    public void Cut()
    {
        foreach (var http in _open.Keys)
        {
            try
            {
                http.Abort();
            }
            catch (ObjectDisposedException)
            {
                // Its request has ended by itself just now.
            }
        }
    }

    public static async Task<TestServer> StartAsync(
        Func<HttpContext, bool>? refuse = null, Action<WebSocketPumpsOptions>? options = null, HttpProtocols protocols = HttpProtocols.Http1, int port = 0)
    {
        var requests = new ConcurrentQueue<HttpRequestSummary>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = protocols));
        builder.Services.AddRouting().AddWebSocketPumps(options);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Limit.Time);
        var app = builder.Build();
        var open = new ConcurrentDictionary<HttpContext, bool>();
        app.Use(async (http, next) =>
        {
            requests.Enqueue(new HttpRequestSummary(http.Request.Protocol, http.Request.Headers.Authorization, http.Request.Headers["X-Own"], http.Request.Headers.SecWebSocketProtocol, http.Request.Headers.Cookie));
            open[http] = true;
            if (refuse?.Invoke(http) != true)
                await next(http);
            open.TryRemove(http, out _);
        });
        app.MapWebSocketPumps("/", async (client, message, cancellationToken) => await client.WriteAsync(message, cancellationToken));
        var server = new TestServer(app, requests, open);
        app.MapWebSocketPumps("/session", endpoint =>
        {
            endpoint.Resume = new ResumeOptions { MaxMessages = 10_000, MaxBytes = 1 << 20 };
            endpoint.OnMessage((_, message, _) =>
            {
                server.Received.Enqueue(message.GetText());
                return default(ValueTask);
            });
        });
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().InTime();
        await _app.DisposeAsync();
    }

    internal sealed record HttpRequestSummary(string Protocol, string? Authorization, string? Own, string? SubProtocols, string? Cookie);
}

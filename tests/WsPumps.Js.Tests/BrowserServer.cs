using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace WsPumps.Js.Tests;

/// <summary>A server with an empty page, the script, and an endpoint that echoes, or closes with a code and a reason when it is told to.</summary>
internal sealed class BrowserServer : IAsyncDisposable
{
    private const string Page = "<!doctype html><title>test</title>";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _received;
    private readonly ConcurrentDictionary<HttpContext, bool> _open;

    private BrowserServer(WebApplication app, ConcurrentQueue<string> received, ConcurrentDictionary<HttpContext, bool> open) =>
        (_app, _received, _open) = (app, received, open);

    public Uri Address => new(_app.Urls.Single());

    /// <summary>All texts that have arrived, in order.</summary>
    public IEnumerable<string> Received => _received;

    public Broadcaster Broadcaster => _app.Services.GetRequiredService<Broadcaster>();

    /// <summary>All connections break, without a word.</summary>
    public void Cut()
    {
        foreach (var http in _open.Keys)
            http.Abort();
    }

    public static async Task<BrowserServer> StartAsync(int port = 0, Action<WebSocketPumpsOptions>? options = null)
    {
        var received = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddRouting().AddWebSocketPumps(options);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Limit.Time);
        var app = builder.Build();
        var open = new ConcurrentDictionary<HttpContext, bool>();
        app.Use(async (http, next) =>
        {
            open[http] = true;
            try
            {
                await next(http);
            }
            finally
            {
                open.TryRemove(http, out _);
            }
        });
        app.MapGet("/", () => Results.Content(Page, "text/html"));
        app.MapWebSocketPumpsScript();
        app.MapWebSocketPumps("/socket", async (client, message, cancellationToken) =>
        {
            var text = Encoding.UTF8.GetString(message.Payload.Span);
            received.Enqueue(text);
            if (text.Split(' ', 3) is ["close", var code, var reason])
                await client.CloseAsync((WebSocketCloseStatus)int.Parse(code, CultureInfo.InvariantCulture), reason, cancellationToken: cancellationToken);
            else
                await client.WriteAsync(message, cancellationToken);
        });
        app.MapWebSocketPumps("/session", endpoint =>
        {
            endpoint.Resume = new ResumeOptions { MaxMessages = 10_000, MaxBytes = 1 << 20 };
            endpoint.OnMessage((_, message, _) =>
            {
                received.Enqueue(Encoding.UTF8.GetString(message.Payload.Span));
                return default(ValueTask);
            });
        });
        await app.StartAsync();
        return new BrowserServer(app, received, open);
    }

    /// <summary>Free, and from below the range that systems hand out by themselves, so that it stays free while a server is restarted on it.</summary>
    public static int FindPort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                continue;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().InTime();
        await _app.DisposeAsync().InTime();
    }
}

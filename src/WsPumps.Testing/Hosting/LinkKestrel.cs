using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WsPumps.Testing.Links;
using WsPumps.Testing.Time;

namespace WsPumps.Testing.Hosting;

/// <summary>A Kestrel over links, beside the server that the application has: it takes requests into the same pipeline.</summary>
internal sealed class LinkKestrel(LinkTransport transport, LinkPipeline pipeline, PeerConnector peers, VirtualTime time,
    IServiceProvider services) : IHostedLifecycleService, IHttpApplication<HttpContext>, IDisposable
{
    private readonly IHttpContextFactory _contexts = services.GetRequiredService<IHttpContextFactory>();
    private readonly CancellationTokenSource _stopped = new();
    private KestrelServer? _server;

    /// <summary>Each connection is a flow of its own, whose work is counted.</summary>
    public static void Listen(KestrelServerOptions kestrel, LinkTransport transport, WorkCounter work)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(transport.EndPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => async connection =>
            {
                new Flow(work, connection.ConnectionId, isCallback: false).Enter();
                await next(connection);
            });
        });
    }

    /// <summary>After the pipeline was built.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var options = new KestrelServerOptions { ApplicationServices = services };
        Listen(options, transport, time.Work);
        _server = new KestrelServer(Options.Create(options), transport, services.GetRequiredService<ILoggerFactory>());
        return _server.StartAsync(this, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => _contexts.Create(contextFeatures);

    public Task ProcessRequestAsync(HttpContext context) => pipeline.RunAsync(context);

    public void DisposeContext(HttpContext context, Exception? exception) => _contexts.Dispose(context);

    public void Dispose()
    {
        _stopped.Cancel();
        _server?.Dispose();
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _ = ResetPeersAsync();
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// A test that disposes its factory does not move the clock meanwhile: peers that do not leave would be waited for until the host gives
    /// up.
    /// </summary>
    private async Task ResetPeersAsync()
    {
        const int looks = 20;
        for (var unmoved = 0; unmoved < looks; unmoved = time.IsMoving ? 0 : unmoved + 1)
        {
            await Task.Delay(TestPeer.Limit / looks, TimeProvider.System, _stopped.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopped.IsCancellationRequested)
                return;
        }

        await peers.DisposeAsync().ConfigureAwait(false);
    }
}

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WsPumps.Endpoints;

namespace WsPumps.Hosting;

/// <summary>
/// Drains when the host starts to stop. Not in StopAsync: that is called only after the server has waited for all its
/// connections, which for open WebSockets is the host's whole time limit.
/// </summary>
internal sealed class PumpsHostedService(PumpsServer server, IOptions<HostOptions> hostOptions, EndpointDataSource? routes = null) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var (drain, host) = (server.Options.DrainWithin(hostOptions.Value.ShutdownTimeout).Timeout, hostOptions.Value.ShutdownTimeout);
        if (host != Timeout.InfiniteTimeSpan && drain >= host)
        {
            throw new OptionsValidationException(nameof(WebSocketPumpsOptions), typeof(WebSocketPumpsOptions),
            [
                $"{nameof(WebSocketPumpsOptions.Drain)}.{nameof(DrainOptions.Timeout)} ({drain}) is not less than {nameof(HostOptions)}.{nameof(HostOptions.ShutdownTimeout)} ({host}): " +
                "the host would cut the connections before they are drained. Lower the first or raise the second.",
            ]);
        }

        server.Managers.Start();
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var arrivals = server.Arrivals.RefuseAsync(server.Options.DrainWithin(hostOptions.Value.ShutdownTimeout));
        await server.Managers.StopAsync(cancellationToken);
        await arrivals.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>By now every route is mapped, however the application maps them.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (routes is not null)
            EndpointChecks.ThrowIfRouteIsTaken(routes);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

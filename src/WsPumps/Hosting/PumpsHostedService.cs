using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace WsPumps.Hosting;

/// <summary>
/// Drains when the host starts to stop. Not in StopAsync: that is called only after the server has waited for all its
/// connections, which for open WebSockets is the host's whole time limit.
/// </summary>
internal sealed partial class PumpsHostedService(PumpsServer server, IOptions<HostOptions> hostOptions) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var (drain, host) = (server.Options.DrainWithin(hostOptions.Value.ShutdownTimeout).Timeout, hostOptions.Value.ShutdownTimeout);
        if (host != Timeout.InfiniteTimeSpan && drain >= host)
        {
            throw new OptionsValidationException(nameof(WebSocketPumpsOptions), typeof(WebSocketPumpsOptions),
            [
                $"{nameof(WebSocketPumpsOptions.Drain)}.{nameof(DrainOptions.Timeout)} ({drain}) is not less than " +
                $"{nameof(HostOptions)}.{nameof(HostOptions.ShutdownTimeout)} ({host}): " +
                "the host would cut the connections before they are drained. Lower the first or raise the second.",
            ]);
        }

        server.Managers.Start();
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var gone = Task.WhenAll(
            server.Pending.CloseAsync(server.Options.DrainWithin(hostOptions.Value.ShutdownTimeout)),
            server.Broadcasters.StopAsync(),
            server.Managers.StopAsync());
        await gone.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!gone.IsCompleted)
            Log.DrainCut(server.Logger);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(111, LogLevel.Warning,
            "The host's time to stop was over before all clients were gone. The server cuts them off.", EventName = "DrainCut")]
        public static partial void DrainCut(ILogger logger);
    }
}

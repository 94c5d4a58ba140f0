using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WsPumps.Hosting;

namespace WsPumps.Sessions;

/// <summary>The sessions of one endpoint that resumes them.</summary>
internal sealed partial class SessionResumption
{
    private readonly PumpsServer _server;
    private readonly SessionTable _sessions;
    private readonly SessionMobility? _mobility;

    public SessionResumption(PumpsServer server, WebSocketPumpsEndpointBuilder endpoint, ResumeOptions options, string? name)
    {
        if (server.Options.MaxTotalQueuedBytes < options.MaxBytes)
        {
            throw new OptionsValidationException(nameof(ResumeOptions), typeof(ResumeOptions),
                [$"Resume.MaxBytes ({options.MaxBytes}) is more than {nameof(WebSocketPumpsOptions.MaxTotalQueuedBytes)} " +
                    $"({server.Options.MaxTotalQueuedBytes}): " +
                    "one session could keep more than all queues together may hold. Lower the first or raise the second."]);
        }

        (_server, _sessions) = (server, new SessionTable(options.MaxAway));
        if (server.Cluster is { } cluster && options.BetweenServers && name is not null && !endpoint.IsInternal)
        {
            ThrowIfUncarried(options, cluster);
            _mobility = new SessionMobility(server, cluster, _sessions, endpoint.Broadcaster, options, name);
        }
    }

    /// <returns>Null where the client does not speak of sessions.</returns>
    public SessionRequest? Of(HttpContext http)
    {
        var offered = http.WebSockets.WebSocketRequestedProtocols;
        var offer = ResumeOffer.Find(offered, out var malformed);
        if (malformed > 0)
        {
            _server.Metrics.Resumed("malformed");
            Log.Malformed(_server.Logger, http.Request.Path);
        }

        return offer is null && !offered.Contains(ResumeOffer.Fresh) ? null
            : new SessionRequest(_server, _sessions, _mobility, offer, http);
    }

    private static void ThrowIfUncarried(ResumeOptions options, Cluster cluster)
    {
        if (options.MaxMoveBytes > cluster.MaxOutboxBytes / 2)
        {
            throw new OptionsValidationException(nameof(ResumeOptions), typeof(ResumeOptions),
                [$"Resume.{nameof(options.MaxMoveBytes)} ({options.MaxMoveBytes}) is more than half of " +
                    $"{nameof(ClusterOptions)}.{nameof(ClusterOptions.MaxOutboxBytes)} ({cluster.MaxOutboxBytes}): such a session could " +
                    $"never leave. Lower the first or raise the second, or set Resume.{nameof(options.BetweenServers)} to false."]);
        }
    }

    private static partial class Log
    {
        // Not the name itself: it holds the secret.
        [LoggerMessage(145, LogLevel.Debug, "A request to {Path} offers to resume a session by a name that is not well formed. Its " +
            "session is fresh.", EventName = "ResumeMalformed")]
        public static partial void Malformed(ILogger logger, string path);
    }
}

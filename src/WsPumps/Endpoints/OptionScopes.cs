using System.Net.WebSockets;
using Microsoft.Extensions.Options;

namespace WsPumps.Endpoints;

/// <summary>Refuses an option that is set where it comes too late to have an effect.</summary>
internal static class OptionScopes
{
    /// <summary>For the options of an endpoint.</summary>
    /// <exception cref="OptionsValidationException">An option of the application differs.</exception>
    public static void CheckEndpoint(WebSocketPumpsOptions application, WebSocketPumpsOptions endpoint) =>
        ThrowIfAny(OfApplication(application, endpoint), "is an option of the whole application: set it with AddWebSocketPumps, not for an endpoint");

    /// <summary>For the options of a connection, which setup may have changed.</summary>
    /// <exception cref="OptionsValidationException">An option of the application or of the endpoint differs.</exception>
    public static void CheckConnection(WebSocketPumpsOptions endpoint, WebSocketPumpsOptions connection)
    {
        ThrowIfAny(OfApplication(endpoint, connection), "is an option of the whole application: set it with AddWebSocketPumps, not in Setup");
        ThrowIfAny(OfEndpoint(endpoint, connection), "was used before Setup is called: set it for the endpoint. To refuse a request, call ConnectionSetup.Refuse");
    }

    private static IEnumerable<(bool Differs, string Name)> OfApplication(WebSocketPumpsOptions first, WebSocketPumpsOptions second) =>
    [
        (Values(first.Drain) != Values(second.Drain), nameof(WebSocketPumpsOptions.Drain)),
        (first.MaxTotalQueuedBytes != second.MaxTotalQueuedBytes, nameof(WebSocketPumpsOptions.MaxTotalQueuedBytes)),
        (first.MaxConnections != second.MaxConnections, nameof(WebSocketPumpsOptions.MaxConnections)),
        (first.UserId != second.UserId, nameof(WebSocketPumpsOptions.UserId)),
        (first.TokenSubProtocolPrefix != second.TokenSubProtocolPrefix, nameof(WebSocketPumpsOptions.TokenSubProtocolPrefix)),
        (first.TokenQueryParameter != second.TokenQueryParameter, nameof(WebSocketPumpsOptions.TokenQueryParameter)),
    ];

    private static (TimeSpan?, TimeSpan, int, TimeSpan, WebSocketCloseStatus, string, TimeSpan) Values(DrainOptions drain) =>
        (drain.Timeout, drain.Delay, drain.BatchSize, drain.BatchInterval, drain.Status, drain.Reason, drain.ReconnectWithin);

    private static IEnumerable<(bool Differs, string Name)> OfEndpoint(WebSocketPumpsOptions first, WebSocketPumpsOptions second) =>
    [
        (!first.AllowedOrigins.SequenceEqual(second.AllowedOrigins), nameof(WebSocketPumpsOptions.AllowedOrigins)),
        (first.AllowOrigin != second.AllowOrigin, nameof(WebSocketPumpsOptions.AllowOrigin)),
        (first.UseForwardedHost != second.UseForwardedHost, nameof(WebSocketPumpsOptions.UseForwardedHost)),
        (!first.SubProtocols.SequenceEqual(second.SubProtocols), nameof(WebSocketPumpsOptions.SubProtocols)),
        (first.RequireSubProtocol != second.RequireSubProtocol, nameof(WebSocketPumpsOptions.RequireSubProtocol)),
    ];

    private static void ThrowIfAny(IEnumerable<(bool Differs, string Name)> options, string rule)
    {
        var failures = options.Where(option => option.Differs).Select(option => $"{option.Name} {rule}.").ToList();
        if (failures.Count > 0)
            throw new OptionsValidationException(nameof(WebSocketPumpsOptions), typeof(WebSocketPumpsOptions), failures);
    }
}

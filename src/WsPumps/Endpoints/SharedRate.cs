using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WsPumps.Endpoints;

/// <summary>Asks the limiters of an endpoint for one connection's messages.</summary>
internal sealed partial class SharedRate
{
    private readonly HttpContext _http;
    private readonly ILogger _logger;
    private readonly PartitionedRateLimiter<HttpContext>? _messages;
    private readonly PartitionedRateLimiter<HttpContext>? _bytes;

    private SharedRate(WebSocketPumpsEndpointBuilder endpoint, HttpContext http, ILogger logger) =>
        (_http, _messages, _bytes, _logger) = (http, endpoint.MessageLimiter, endpoint.ByteLimiter, logger);

    /// <returns>Null where the endpoint has no limiter.</returns>
    public static Func<int, CancellationToken, ValueTask<bool>>? For(WebSocketPumpsEndpointBuilder endpoint, HttpContext http,
        ILogger logger) =>
        endpoint is { MessageLimiter: null, ByteLimiter: null } ? null : new SharedRate(endpoint, http, logger).AdmitAsync;

    private async ValueTask<bool> AdmitAsync(int bytes, CancellationToken connectionEnds) =>
        await TakeAsync(_messages, 1, connectionEnds) && await TakeAsync(_bytes, bytes, connectionEnds);

    private async ValueTask<bool> TakeAsync(PartitionedRateLimiter<HttpContext>? limiter, int permits, CancellationToken connectionEnds)
    {
        // To ask for none is to ask whether there are any.
        if (limiter is null || permits == 0)
            return true;

        try
        {
            using var lease = await limiter.AcquireAsync(_http, permits, connectionEnds);
            return lease.IsAcquired;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Who cannot be measured is not let through. Also the answer of a limiter that never has so many permits.
            Log.LimiterFailed(_logger, permits, _http.Request.Path, exception);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(135, LogLevel.Error,
            "The MessageLimiter or ByteLimiter of {Path} failed when it was asked for {Permits} permits. The connection is closed with " +
            "1008.", EventName = "LimiterFailed")]
        public static partial void LimiterFailed(ILogger logger, int permits, string path, Exception exception);
    }
}

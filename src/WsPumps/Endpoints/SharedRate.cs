using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace WsPumps.Endpoints;

/// <summary>Asks the limiters of an endpoint for one connection's messages.</summary>
internal sealed class SharedRate
{
    private readonly HttpContext _http;
    private readonly PartitionedRateLimiter<HttpContext>? _messages;
    private readonly PartitionedRateLimiter<HttpContext>? _bytes;

    private SharedRate(WebSocketPumpsEndpoint endpoint, HttpContext http) => (_http, _messages, _bytes) = (http, endpoint.MessageLimiter, endpoint.ByteLimiter);

    /// <returns>Null where the endpoint has no limiter.</returns>
    public static Func<int, CancellationToken, ValueTask<bool>>? For(WebSocketPumpsEndpoint endpoint, HttpContext http) =>
        endpoint is { MessageLimiter: null, ByteLimiter: null } ? null : new SharedRate(endpoint, http).AdmitAsync;

    private async ValueTask<bool> AdmitAsync(int bytes, CancellationToken connectionEnds) =>
        await TakeAsync(_messages, 1, connectionEnds) && await TakeAsync(_bytes, bytes, connectionEnds);

    private async ValueTask<bool> TakeAsync(PartitionedRateLimiter<HttpContext>? limiter, int permits, CancellationToken connectionEnds)
    {
        // To ask for none is to ask whether there are any.
        if (limiter is null || permits == 0)
            return true;

        using var lease = await limiter.AcquireAsync(_http, permits, connectionEnds);
        return lease.IsAcquired;
    }
}

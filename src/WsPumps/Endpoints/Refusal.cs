using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>The answer to a request that does not become a connection.</summary>
internal sealed record Refusal(RefusalReason Why, int StatusCode, string Message)
{
    private const string SoonSeconds = "10";

    /// <summary>Whether it is worth to ask again in a while.</summary>
    public bool Retry { get; private init; }

    public static Refusal Unavailable(RefusalReason why, string message) => new(why, StatusCodes.Status503ServiceUnavailable, message) { Retry = true };

    public Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCode;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers[HeaderNames.CacheControl] = "no-store";
        if (Retry)
            http.Response.Headers[HeaderNames.RetryAfter] = SoonSeconds;
        return http.Response.WriteAsync(Message);
    }
}

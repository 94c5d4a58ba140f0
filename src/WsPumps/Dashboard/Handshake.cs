using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace WsPumps.Dashboard;

/// <summary>
/// What is kept of the request that a connection began with. Cut, because there is one for each connection; and without the query, which
/// may hold secrets.
/// </summary>
internal sealed record Handshake(string Endpoint, string Path, string Address, string Protocol, string? Origin, string? UserAgent)
{
    private const int MaxLength = 256;

    public static Handshake Of(HttpContext http)
    {
        var (request, path) = (http.Request, Cut(http.Request.Path));
        return new Handshake(
            http.GetEndpoint()?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route ?? path,
            path,
            http.Connection.RemoteIpAddress?.ToString() ?? "memory",
            request.Protocol,
            CutOrNull(request.Headers.Origin),
            CutOrNull(request.Headers.UserAgent));
    }

    private static string? CutOrNull(string? text) => string.IsNullOrEmpty(text) ? null : Cut(text);

    private static string Cut(string text) => text.Length <= MaxLength ? text : $"{text.AsSpan(0, MaxLength)}…";
}

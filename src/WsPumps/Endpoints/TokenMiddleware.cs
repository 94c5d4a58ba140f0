using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace WsPumps.Endpoints;

/// <summary>Moves the token of a WebSocket request from where a browser can put it to where authentication looks for it.</summary>
internal sealed class TokenMiddleware(RequestDelegate next, string? subProtocolPrefix, string? queryParameter)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (WebSocketRequest.IsFor(http))
        {
            var (offered, asked) = (TakeFromSubProtocols(http.Request), TakeFromQuery(http.Request));
            if ((offered ?? asked) is { } token && http.Request.Headers[HeaderNames.Authorization].Count == 0)
                http.Request.Headers[HeaderNames.Authorization] = "Bearer " + token;
        }

        return next(http);
    }

    private string? TakeFromSubProtocols(HttpRequest request)
    {
        if (subProtocolPrefix is null)
            return null;

        var offered = request.Headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketProtocol);
        var carriers = offered.Where(name => name.StartsWith(subProtocolPrefix, StringComparison.Ordinal)).ToArray();
        if (carriers.Length == 0)
            return null;

        var left = string.Join(", ", offered.Except(carriers));
        if (left.Length > 0)
            request.Headers[HeaderNames.SecWebSocketProtocol] = left;
        else
            request.Headers.Remove(HeaderNames.SecWebSocketProtocol);
        return Checked(carriers[0][subProtocolPrefix.Length..]);
    }

    private string? TakeFromQuery(HttpRequest request)
    {
        if (queryParameter is null || !request.Query.TryGetValue(queryParameter, out var values))
            return null;

        var left = request.QueryString.Value!.TrimStart('?').Split('&').Where(pair => !IsParameter(pair));
        request.QueryString = string.Join('&', left) is { Length: > 0 } query ? new QueryString('?' + query) : QueryString.Empty;
        return Checked(values.FirstOrDefault());
    }

    private bool IsParameter(string pair) =>
        string.Equals(Uri.UnescapeDataString(pair.Split('=')[0].Replace('+', ' ')), queryParameter, StringComparison.OrdinalIgnoreCase);

    /// <returns>Null for what could not have come in a header.</returns>
    private static string? Checked(string? token) => token is { Length: > 0 } && !token.AsSpan().ContainsAnyExceptInRange('!', '~')
        ? token : null;
}

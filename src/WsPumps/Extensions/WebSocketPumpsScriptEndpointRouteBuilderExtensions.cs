using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using WsPumps.Script;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves the browser client.</summary>
public static class WebSocketPumpsScriptEndpointRouteBuilderExtensions
{
    /// <summary>Serves the npm package <c>ws-pumps</c>, the browser client, as one ES module, from the library itself.</summary>
    /// <remarks>
    /// A page uses it with <c>import { ReconnectingWebSocket } from '/ws-pumps.js'</c>. It has a strong ETag and must be revalidated each
    /// time, so that a new version of the server reaches each page; the usual answer is 304. It is compressed with gzip where the browser
    /// accepts that. Answers GET and HEAD.
    /// </remarks>
    /// <param name="endpoints">The routes of the application.</param>
    /// <param name="pattern">The route pattern. Default: <c>/ws-pumps.js</c>.</param>
    /// <returns>The endpoint, to add conventions to: <c>AllowAnonymous()</c>, where the application demands a user everywhere.</returns>
    public static IEndpointConventionBuilder MapWebSocketPumpsScript(this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern = "/ws-pumps.js")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        return endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], ScriptFile.ServeAsync)
            .WithDisplayName($"WebSocket pumps script: {pattern}");
    }
}

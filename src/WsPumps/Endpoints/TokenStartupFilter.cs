using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Options;

namespace WsPumps.Endpoints;

/// <summary>
/// Puts the token middleware first in the pipeline, where it is asked for. A WebApplication puts authentication before everything that the
/// application itself adds, so there would be no place for it there.
/// </summary>
internal sealed class TokenStartupFilter(IOptions<WebSocketPumpsOptions> options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var (prefix, parameter) = (options.Value.TokenSubProtocolPrefix, options.Value.TokenQueryParameter);
        if (prefix is not null || parameter is not null)
            app.Use(pipeline => new TokenMiddleware(pipeline, prefix, parameter).InvokeAsync);
        next(app);
    };
}

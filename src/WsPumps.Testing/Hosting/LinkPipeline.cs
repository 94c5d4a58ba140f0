using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace WsPumps.Testing.Hosting;

/// <summary>Stands before the whole pipeline of the application: signs in peers, and keeps what follows, for the second server.</summary>
internal sealed class LinkPipeline : IStartupFilter
{
    private RequestDelegate? _pipeline;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(pipeline => _pipeline = http => RunAsync(http, pipeline));
        next(app);
    };

    public Task RunAsync(HttpContext http) =>
        (_pipeline ?? throw new InvalidOperationException("The pipeline of the application has not been built."))(http);

    private static Task RunAsync(HttpContext http, RequestDelegate pipeline)
    {
        if (http.Features.Get<LinkFeature>() is { } link)
        {
            http.User = link.User ?? http.User;
            http.RequestAborted = link.Closed;
        }

        return pipeline(http);
    }
}

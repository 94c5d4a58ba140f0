using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace WsPumps.Load.Servers;

/// <summary>What all servers on ASP.NET Core have in common, so that they differ in nothing else.</summary>
internal static class KestrelHost
{
    /// <summary>The same for all, as far as they can do it: none is faster for pinging less.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(25);

    public static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(15);

    /// <summary>For the scenario of large messages.</summary>
    public const int MaxMessageSize = 4 * 1024 * 1024;

    public const int MaxQueuedMessages = 256;

    public static async Task<int> StartAsync(ServerSettings settings, Action<IServiceCollection> addServices, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, settings.Port, listen =>
        {
            listen.Protocols = settings.UsesHttp2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
            if (settings.UsesTls)
                listen.UseHttps(Certificate.Create());
        }));
        addServices(builder.Services);

        var app = builder.Build();
        map(app);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new Uri(address).Port;
    }
}

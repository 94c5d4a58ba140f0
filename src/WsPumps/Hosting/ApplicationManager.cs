using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace WsPumps.Hosting;

/// <summary>Makes managers with the settings of the application: its drain, clock, log, users and metrics.</summary>
internal static class ApplicationManager
{
    public static Manager Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<WebSocketPumpsOptions>>().Value;
        return new Manager(new ManagerSettings
        {
            Drain = options.DrainWithin(services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout),
            TimeProvider = services.GetService<TimeProvider>(),
            Logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("WsPumps"),
            UserId = options.UserId,
            Metrics = services.GetRequiredService<PumpsMetrics>(),
        });
    }
}

using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WsPumps.Diagnostics;

namespace WsPumps.Hosting;

/// <summary>What all endpoints of an application share.</summary>
internal sealed class PumpsServer
{
    public PumpsServer(
        IOptions<WebSocketPumpsOptions> options, Broadcaster broadcaster, IManager manager, ILoggerFactory loggerFactory,
        PumpsMetrics metrics, IMeterFactory meterFactory,
        IServiceScopeFactory scopes, TimeProvider? time = null, Cluster? cluster = null)
    {
        Options = options.Value;
        Budget = Options.MaxTotalQueuedBytes is { } bytes ? new QueueBudget(bytes) : null;
        Limit = Options.MaxConnections is { } connections ? new ConnectionLimit(connections) : null;
        (Broadcaster, Manager, Cluster) = (broadcaster, manager, cluster);
        Users = new ApplicationUsers(Options.UserId);
        Scopes = scopes;
        Time = time ?? TimeProvider.System;
        Logger = SafeLogger.Of(loggerFactory.CreateLogger("WsPumps"));
        Broadcasters.Add(broadcaster);
        Pending = new PendingConnections(Time);
        Managers = new CustomManagers(Time, Logger);
        if (manager != broadcaster.Manager)
            Managers.Add(manager);
        ClientMetrics = metrics;
        Metrics = new ServerMetrics(meterFactory, Time, () => IsDraining, Logger);
    }

    public WebSocketPumpsOptions Options { get; }

    /// <summary>The broadcaster of endpoints that have none of their own.</summary>
    public Broadcaster Broadcaster { get; }

    /// <summary>The manager of endpoints that have none of their own, nor a broadcaster.</summary>
    public IManager Manager { get; }

    /// <summary>The servers of the application; null where there is only this one.</summary>
    public Cluster? Cluster { get; }

    public IServiceScopeFactory Scopes { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    /// <summary>The bound on all queues together; null for none.</summary>
    public QueueBudget? Budget { get; }

    /// <summary>The limit on all connections together; null for none.</summary>
    public ConnectionLimit? Limit { get; }

    /// <summary>What the default clients measure.</summary>
    public PumpsMetrics ClientMetrics { get; }

    /// <summary>What the endpoints measure.</summary>
    public ServerMetrics Metrics { get; }

    /// <summary>Who is told of each connection of the application; null for nobody. Set before the first.</summary>
    public IConnectionObserver? Observer { get; set; }

    /// <summary>The managers of the application's own; they run while the host does.</summary>
    public CustomManagers Managers { get; }

    /// <summary>Those of all endpoints.</summary>
    public BroadcastersInUse Broadcasters { get; } = new();

    /// <summary>The connections that no manager knows yet.</summary>
    public PendingConnections Pending { get; }

    public ApplicationUsers Users { get; }

    /// <summary>
    /// Whether the host stops or this server was asked to drain: no new connection is accepted, and it is not ready for any.
    /// </summary>
    public bool IsDraining => Pending.AreRefused;

    public static PumpsServer Of(IServiceProvider services) => services.GetService<PumpsServer>()
        ?? throw new InvalidOperationException("WebSocket pumps are not registered. Call services.AddWebSocketPumps() where the services " +
            "are set up.");
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;

namespace WsPumps.Dashboard;

/// <summary>
/// The endpoint behind the page: tells each viewer each second how things stand, and does what it asks for. It works only while somebody
/// looks.
/// </summary>
internal sealed partial class DashboardFeed(PumpsServer server, DashboardRecorder recorder, Cluster? cluster, DashboardOptions options)
{
    private const int MaxMessagesPerSecond = 5;
    private const int MaxMessageSize = 16 * 1024;

    private readonly Broadcaster _viewers = new(new Manager(new ManagerSettings { TimeProvider = server.Time, Logger = server.Logger }));
    private readonly ConcurrentDictionary<IClient, Query> _queries = new();
    private readonly Lock _lock = new();
    private PeriodicTimer? _timer;
    private volatile DashboardState? _state;

    public void Configure(WebSocketPumpsEndpointBuilder endpoint)
    {
        // Cookies come along from any page, and this one can close connections: only pages of the same origin may connect.
        endpoint.Options.UseForwardedHost = options.UseForwardedHost;
        endpoint.Options.MaxMessageSize = MaxMessageSize;
        // Each query goes through all connections.
        endpoint.Options.MaxMessagesPerSecond = MaxMessagesPerSecond;
        endpoint.Options.RateBurst = TimeSpan.FromSeconds(1);
        endpoint.Options.FastClientPolicy = FastClientPolicy.Throttle;
        endpoint.ConnectionLimits.Add(new ConnectionLimit(options.MaxViewers));
        endpoint.Broadcaster = _viewers;
        endpoint.Register(context => Add(context.Client));
        endpoint.Unregister(context => Remove(context.Client));
        var kicks = new DashboardKicks(server, cluster, _viewers);
        endpoint.OnJson(DashboardJson.Default.FromPage, (viewer, message, cancellationToken) => message switch
        {
            { Kick: { } target } => kicks.KickAsync(viewer, target, cancellationToken),
            { Find: { } target } => kicks.FindAsync(viewer, target, cancellationToken),
            { Show: { } query } => Show(viewer, query),
            _ => default,
        });
    }

    private ValueTask Show(IClient viewer, Query query)
    {
        // Not one that has left meanwhile.
        if (_queries.TryGetValue(viewer, out var before) && _queries.TryUpdate(viewer, query, before) && _state is { } state)
            viewer.Write(state.For(query));
        return default;
    }

    private void Add(IClient viewer)
    {
        lock (_lock)
        {
            _queries[viewer] = Query.First;
            if (_timer is null)
            {
                _timer = new PeriodicTimer(options.UpdateInterval, server.Time);
                // The loop outlives the request that happens to start it.
                using (ExecutionContext.SuppressFlow())
                    _ = RunAsync(_timer);
            }
        }

        viewer.Write(PreparedMessage.Json(new HistoryMessage(recorder.History.ToArray(), DashboardRecorder.Period.TotalSeconds),
            DashboardJson.Default.HistoryMessage));
        // One state for all viewers, and for all that they ask until the next.
        viewer.Write((_state ??= NewState()).For(Query.First));
    }

    private void Remove(IClient viewer)
    {
        lock (_lock)
        {
            if (!_queries.TryRemove(viewer, out _) || !_queries.IsEmpty)
                return;

            _timer?.Dispose();
            (_timer, _state) = (null, null);
        }
    }

    private DashboardState NewState() => new(server, recorder, cluster, _viewers);

    /// <summary>Ends when its timer is disposed, with the last viewer. Never faults.</summary>
    private async Task RunAsync(PeriodicTimer timer)
    {
        while (await timer.WaitForNextTickAsync())
        {
            try
            {
                var state = _state = NewState();
                foreach (var (viewer, query) in _queries)
                    viewer.Write(state.For(query));
            }
            catch (Exception exception)
            {
                Log.TickFailed(server.Logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(150, LogLevel.Error,
            "The dashboard could not be told how things stand: a client or a manager threw. It is tried again in a second.",
            EventName = "DashboardFailed")]
        public static partial void TickFailed(ILogger logger, Exception exception);
    }
}

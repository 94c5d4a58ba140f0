using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;

namespace WsPumps.Dashboard;

/// <summary>
/// The endpoint behind the page: tells each viewer each second how things stand, and does what it asks for. It works only while somebody
/// looks.
/// </summary>
internal sealed partial class DashboardFeed(PumpsServer server, DashboardOptions options)
{
    private const int MaxMessagesPerSecond = 5;

    private readonly Broadcaster _viewers = new(new Manager(new ManagerSettings { TimeProvider = server.Time, Logger = server.Logger }));
    private readonly ConcurrentDictionary<IClient, string> _searches = new();
    private readonly Lock _lock = new();
    private PeriodicTimer? _timer;
    private volatile ConnectionTable? _table;

    public void Configure(WebSocketPumpsEndpointBuilder endpoint)
    {
        // Cookies come along from any page, and this one can close connections: only pages of the same origin may connect.
        endpoint.Options.UseForwardedHost = options.UseForwardedHost;
        endpoint.Options.MaxMessageSize = 4096;
        // Each search goes through all connections.
        endpoint.Options.MaxMessagesPerSecond = MaxMessagesPerSecond;
        endpoint.Options.RateBurst = TimeSpan.FromSeconds(1);
        endpoint.Options.FastClientPolicy = FastClientPolicy.Throttle;
        endpoint.ConnectionLimits.Add(new ConnectionLimit(options.MaxViewers));
        endpoint.Broadcaster = _viewers;
        endpoint.Register(context => Add(context.Client));
        endpoint.Unregister(context => Remove(context.Client));
        endpoint.OnJson(DashboardJson.Default.FromPage, (viewer, message, _) => Handle(viewer, message));
    }

    private void Handle(IClient viewer, FromPage message)
    {
        if (message.Kick is { } id)
            Kick(viewer, id);
        if (message.Search is { } search && _searches.ContainsKey(viewer))
            _searches[viewer] = search;

        if (_table is { } table)
            Tell(viewer, table);
    }

    private void Kick(IClient viewer, string id)
    {
        if (server.Broadcasters.All.Where(broadcaster => broadcaster != _viewers).SelectMany(broadcaster => broadcaster.Client(id).Local)
            .FirstOrDefault() is not { } client)
        {
            return;
        }

        Log.Kicked(server.Logger, id, viewer.User?.Identity?.Name ?? "somebody who is not signed in");
        _ = CloseAsync(client);
    }

    /// <summary>Ends when the client has; its own deadlines see to that. Never faults.</summary>
    private async Task CloseAsync(IClient client)
    {
        try
        {
            await client.CloseAsync(WebSocketCloseStatus.PolicyViolation, "Closed by an administrator.", CloseMode.Now);
        }
        catch (Exception exception)
        {
            Log.KickFailed(server.Logger, client.Id, exception);
        }
    }

    private void Add(IClient viewer)
    {
        lock (_lock)
        {
            _searches[viewer] = "";
            if (_timer is null)
            {
                _timer = new PeriodicTimer(options.UpdateInterval, server.Time);
                // The loop outlives the request that happens to start it.
                using (ExecutionContext.SuppressFlow())
                    _ = RunAsync(_timer);
            }
        }

        // One table for all viewers, and for all that they ask until the next.
        Tell(viewer, _table ??= new ConnectionTable(server, _viewers));
    }

    private void Remove(IClient viewer)
    {
        lock (_lock)
        {
            if (!_searches.TryRemove(viewer, out _) || !_searches.IsEmpty)
                return;

            _timer?.Dispose();
            (_timer, _table) = (null, null);
        }
    }

    /// <summary>Ends when its timer is disposed, with the last viewer. Never faults.</summary>
    private async Task RunAsync(PeriodicTimer timer)
    {
        while (await timer.WaitForNextTickAsync())
        {
            try
            {
                var table = _table = new ConnectionTable(server, _viewers);
                foreach (var (viewer, _) in _searches)
                    Tell(viewer, table);
            }
            catch (Exception exception)
            {
                Log.TickFailed(server.Logger, exception);
            }
        }
    }

    private void Tell(IClient viewer, ConnectionTable table)
    {
        if (_searches.TryGetValue(viewer, out var search))
            viewer.Write(table.For(search));
    }

    private static partial class Log
    {
        [LoggerMessage(150, LogLevel.Error,
            "The dashboard could not be told how things stand: a client or a manager threw. It is tried again in a second.",
            EventName = "DashboardFailed")]
        public static partial void TickFailed(ILogger logger, Exception exception);

        [LoggerMessage(151, LogLevel.Warning,
            "Connection {ConnectionId} is closed from the dashboard, by {User}.", EventName = "DashboardKick")]
        public static partial void Kicked(ILogger logger, string connectionId, string user);

        [LoggerMessage(152, LogLevel.Error,
            "Connection {ConnectionId}: closing it from the dashboard failed.", EventName = "DashboardKickFailed")]
        public static partial void KickFailed(ILogger logger, string connectionId, Exception exception);
    }
}

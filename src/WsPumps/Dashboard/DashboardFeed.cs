using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;

namespace WsPumps.Dashboard;

/// <summary>The endpoint behind the page: tells each viewer each second how things stand, and does what it asks for. It works only while somebody looks.</summary>
internal sealed partial class DashboardFeed(PumpsServer server)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>A page that is slow is told the newest state only.</summary>
    private static readonly MessageOptions Newest = new() { ConflationKey = "state", SlowClientPolicy = SlowClientPolicy.Conflate };

    private readonly Manager _viewers = new(new ManagerSettings { TimeProvider = server.Time, Logger = server.Logger });
    private readonly ConcurrentDictionary<IClient, string> _searches = new();
    private readonly Lock _lock = new();
    private PeriodicTimer? _timer;

    public void Configure(WebSocketPumpsEndpoint endpoint)
    {
        // Cookies come along from any page, and this one can close connections.
        endpoint.Options.AllowedOrigins.Clear();
        endpoint.Options.SubProtocols.Clear();
        endpoint.Options.MaxMessageSize = 4096;
        endpoint.Options.MaxQueuedBytes = null;
        endpoint.Manager = _viewers;
        endpoint.Register = (viewer, _) =>
        {
            Add(viewer);
            return default;
        };
        endpoint.Unregister = viewer =>
        {
            Remove(viewer);
            return default;
        };
        endpoint.OnJson(DashboardJson.Default.FromPage, (viewer, message, _) =>
        {
            Handle(viewer, message);
            return default;
        });
    }

    private void Handle(IClient viewer, FromPage message)
    {
        if (message.Kick is { } id)
            Kick(viewer, id);
        if (message.Search is { } search && _searches.ContainsKey(viewer))
            _searches[viewer] = search;

        Tell(viewer, new ConnectionTable(server, _viewers));
    }

    private void Kick(IClient viewer, string id)
    {
        var client = server.Managers.All.Where(manager => manager != _viewers).SelectMany(manager => manager.Clients).FirstOrDefault(client => client.Id == id);
        if (client is null)
            return;

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
                _timer = new PeriodicTimer(Period, server.Time);
                // The loop outlives the request that happens to start it.
                using (ExecutionContext.SuppressFlow())
                    _ = RunAsync(_timer);
            }
        }

        Tell(viewer, new ConnectionTable(server, _viewers));
    }

    private void Remove(IClient viewer)
    {
        lock (_lock)
        {
            if (!_searches.TryRemove(viewer, out _) || !_searches.IsEmpty)
                return;

            _timer?.Dispose();
            _timer = null;
        }
    }

    /// <summary>Ends when its timer is disposed, with the last viewer. Never faults.</summary>
    private async Task RunAsync(PeriodicTimer timer)
    {
        while (await timer.WaitForNextTickAsync())
        {
            try
            {
                var table = new ConnectionTable(server, _viewers);
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
            viewer.Write(PreparedMessage.Json(table.For(search), DashboardJson.Default.ToPage).With(Newest));
    }

    private static partial class Log
    {
        [LoggerMessage(150, LogLevel.Error, "The dashboard could not be told how things stand: a client or a manager threw. It is tried again in a second.", EventName = "DashboardFailed")]
        public static partial void TickFailed(ILogger logger, Exception exception);

        [LoggerMessage(151, LogLevel.Warning, "Connection {ConnectionId} is closed from the dashboard, by {User}.", EventName = "DashboardKick")]
        public static partial void Kicked(ILogger logger, string connectionId, string user);

        [LoggerMessage(152, LogLevel.Error, "Connection {ConnectionId}: closing it from the dashboard failed.", EventName = "DashboardKickFailed")]
        public static partial void KickFailed(ILogger logger, string connectionId, Exception exception);
    }
}

using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;

namespace WsPumps.Dashboard;

/// <summary>Closes and finds connections for a viewer: those of all servers, where there is a cluster.</summary>
internal sealed partial class DashboardKicks(PumpsServer server, Cluster? cluster, Broadcaster own)
{
    private const string Reason = "Closed by an administrator.";
    private const int MaxFound = 100;

    /// <summary>Who has not answered by then is named.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async ValueTask KickAsync(IClient viewer, Target target, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(target.Name))
            return;

        var (closed, missing) = (0, new HashSet<string>());
        try
        {
            foreach (var audience in Audiences(target))
            {
                if (cluster?.Has(audience.Broadcaster) is true)
                {
                    var result = await cluster.CloseAsync(audience.Audience, Patience, WebSocketCloseStatus.PolicyViolation, Reason,
                        CloseMode.Now, cancellationToken);
                    closed += result.Value;
                    missing.UnionWith(result.Missing);
                }
                else
                {
                    closed += audience.Audience.Local.Close(WebSocketCloseStatus.PolicyViolation, Reason, CloseMode.Now);
                }
            }
        }
        finally
        {
            if (closed > 0)
            {
                Log.Kicked(server.Logger, LogText.Of(target.Kind), LogText.Of(target.Name), closed,
                    LogText.Of(viewer.User?.Identity?.Name ?? "somebody who is not signed in"));
            }
        }

        viewer.Write(PreparedMessage.Json(new KickedMessage(target, closed, NamesOf(missing)), DashboardJson.Default.KickedMessage));
    }

    public async ValueTask FindAsync(IClient viewer, Target target, CancellationToken cancellationToken)
    {
        if (cluster is null || string.IsNullOrEmpty(target.Name))
            return;

        var (found, more, missing) = (new List<FoundClient>(), new HashSet<string>(), new HashSet<string>());
        var names = cluster.Nodes.ToDictionary(node => node.Id, node => node.Name);
        foreach (var (broadcaster, audience) in Audiences(target))
        {
            if (!cluster.Has(broadcaster))
                continue;

            // One more than is shown tells that there are more.
            var result = await cluster.QueryAsync(audience, Patience, MaxFound + 1, cancellationToken);
            foreach (var node in result.Value.GroupBy(client => client.NodeId))
            {
                found.AddRange(node.Take(MaxFound).Select(client => new FoundClient(
                    names.GetValueOrDefault(node.Key, node.Key), client.Client.Id, client.Client.UserId, client.Client.Groups,
                    client.Client.Age?.TotalSeconds, client.Client.Statistics.QueuedMessages)));
                if (node.Skip(MaxFound).Any())
                    more.Add(node.Key);
            }

            missing.UnionWith(result.Missing);
        }

        viewer.Write(PreparedMessage.Json(
            new FoundMessage(target, found, NamesOf(more), NamesOf(missing)), DashboardJson.Default.FoundMessage));
    }

    private IEnumerable<(Broadcaster Broadcaster, Audience Audience)> Audiences(Target target) =>
        server.Broadcasters.All.Where(broadcaster => broadcaster != own).Select(broadcaster => (broadcaster, target.Kind switch
        {
            "user" => broadcaster.User(target.Name),
            "group" => broadcaster.Group(target.Name),
            _ => broadcaster.Client(target.Name),
        }));

    /// <summary>As people call them; a server that has vanished meanwhile by its id.</summary>
    private IReadOnlyList<string> NamesOf(HashSet<string> ids) => cluster is null
        ? []
        : [.. ids.Select(id => cluster.Nodes.FirstOrDefault(node => node.Id == id)?.Name ?? id).Order(StringComparer.Ordinal)];

    private static partial class Log
    {
        [LoggerMessage(151, LogLevel.Warning, "The {Kind} {Name} is closed from the dashboard, {Connections} connections, by {User}.",
            EventName = "DashboardKick")]
        public static partial void Kicked(ILogger logger, string kind, string name, int connections, string user);
    }
}

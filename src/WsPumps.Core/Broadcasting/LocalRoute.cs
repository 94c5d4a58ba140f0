using System.Net.WebSockets;
using WsPumps.Framing;
using WsPumps.Outbound;
using WsPumps.Registry;

namespace WsPumps.Broadcasting;

/// <summary>Reaches the clients of this process: walks the registry and calls each.</summary>
internal sealed class LocalRoute(ClientRegistry registry, ClientCalls calls, TimeProvider time, PumpsMetrics? metrics) : IBroadcastRoute
{
    public TimeProvider Time => time;

    public BroadcastResult Write(AudienceSelector audience, PreparedMessage message) => Write(Walk(audience), message);

    public ValueTask<BroadcastResult> WriteAsync(AudienceSelector audience, PreparedMessage message, CancellationToken cancellationToken) =>
        WriteAsync(Walk(audience), message, cancellationToken);

    public int Close(AudienceSelector audience, WebSocketCloseStatus status, string? reason, CloseMode mode) =>
        Close(Walk(audience), status, reason, mode);

    public int Abort(AudienceSelector audience) => Abort(Walk(audience));

    public AudienceWalk Walk(AudienceSelector audience, Func<IClient, bool>? filter = null) => new(registry, audience, filter, calls);

    /// <returns>Null where it takes a walk to say.</returns>
    public int? CountOf(AudienceSelector audience) => audience switch
    {
        { Excluded.Count: > 0 } => null,
        { Kind: AudienceKind.All } => registry.Registered.Count,
        { Kind: AudienceKind.Groups, Names.Count: 1 } => registry.Groups.TryFind(audience.Names[0], out var group) ? group.Count : 0,
        { Kind: AudienceKind.Users, Names.Count: 1 } => registry.Users.TryFind(audience.Names[0], out var user) ? user.Count : 0,
        _ => null,
    };

    public BroadcastResult Write(AudienceWalk clients, PreparedMessage message)
    {
        var watching = metrics is { WantsBroadcasts: true } ? metrics : null;
        var startedAt = watching is null ? 0 : time.GetTimestamp();
        var result = default(BroadcastResult);
        using (WakeUps.Gather())
        {
            while (clients.MoveNext())
                result = result.With(calls.Write(clients.Current, message));
        }

        watching?.Broadcasted(time.GetElapsedTime(startedAt), result);
        return result;
    }

    public async ValueTask<BroadcastResult> WriteAsync(AudienceWalk clients, PreparedMessage message, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var result = default(BroadcastResult);
        List<Task<WriteResult>>? waiting = null;
        while (clients.MoveNext())
        {
            var writing = calls.WriteAsync(clients.Current, message, cancellationToken);
            if (writing.IsCompletedSuccessfully)
                result = result.With(writing.Result);
            else
                (waiting ??= []).Add(writing.AsTask());
        }

        foreach (var written in waiting is null ? [] : await Task.WhenAll(waiting).ConfigureAwait(false))
            result = result.With(written);
        metrics?.Broadcasted(time.GetElapsedTime(startedAt), result);
        return result;
    }

    public int Close(AudienceWalk clients, WebSocketCloseStatus status, string? reason, CloseMode mode)
    {
        CloseStatus.Validate(status);

        var closing = 0;
        while (clients.MoveNext())
            closing += calls.Close(clients.Current, status, reason, mode) ? 1 : 0;
        return closing;
    }

    public void CloseAsReplaced(AudienceWalk clients)
    {
        while (clients.MoveNext())
            calls.CloseAsReplaced(clients.Current);
    }

    public int Abort(AudienceWalk clients)
    {
        var aborted = 0;
        while (clients.MoveNext())
            aborted += calls.Abort(clients.Current) ? 1 : 0;
        return aborted;
    }

    public ClientSnapshot SnapshotOf(IClient client)
    {
        var statistics = calls.Statistics(client);
        var id = client.Id;
        registry.TryFind(id, out var entry);
        return new ClientSnapshot
        {
            Id = id,
            UserId = entry?.User?.Group.Name,
            Groups = entry?.GroupNames() ?? [],
            Age = statistics.ConnectedAt == default ? null : time.GetUtcNow() - statistics.ConnectedAt,
            Statistics = statistics,
        };
    }
}

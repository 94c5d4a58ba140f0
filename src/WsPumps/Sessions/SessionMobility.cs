using Microsoft.Extensions.Logging;
using WsPumps.Clustering;
using WsPumps.Diagnostics;
using WsPumps.Hosting;

namespace WsPumps.Sessions;

/// <summary>How the sessions of one endpoint move from and to other servers. Made only where there is a cluster.</summary>
internal sealed partial class SessionMobility(
    PumpsServer server, Cluster cluster, SessionTable sessions, Broadcaster broadcaster, ResumeOptions options, string endpoint)
{
    private readonly SessionMoves _moves = cluster.MoveSessions();

    public SessionSeal SealOf(SessionKey key) => SessionSeal.Of(key.Secret, endpoint, key.UserId, key.Origin);

    /// <summary>From now on others may ask for it. The result is to be given to <see cref="Remove"/>.</summary>
    public MovableSession Add(SessionSeal seal, SessionEntry entry)
    {
        var session = new MovableSession(seal, entry.Task, broadcaster, options);
        _moves.Giver.Add(session);
        return session;
    }

    public void Remove(MovableSession session) => _moves.Giver.Remove(session);

    /// <summary>A drain keeps the session while there is another server that could take it, and is not drained itself.</summary>
    public void Begin(Client client)
    {
        var leave = client.Session!.Leave;
        leave.MayMove = () => broadcaster.Manager.IsDraining && _moves.Seeker.HasTaker;
        leave.IsStranded = () => broadcaster.Manager.IsDraining && !_moves.Seeker.HasTaker;
    }

    /// <inheritdoc cref="SessionSeeker.AskAsync"/>
    public Task<SoughtSession?> AskAsync(SessionSeal seal, long received, CancellationToken gone) =>
        _moves.Seeker.AskAsync(seal, received, options.MoveTimeout, gone);

    /// <summary>Takes a session that was offered.</summary>
    /// <param name="sought">The session.</param>
    /// <param name="entry">What stands for it here from now on.</param>
    /// <param name="client">The client that was made for it.</param>
    /// <param name="userId">Its user; null for nobody.</param>
    /// <param name="join">Makes the client a member of groups.</param>
    /// <returns>Null when it did not move.</returns>
    public async Task<MovedSession?> TakeAsync(SoughtSession sought, SessionEntry entry, Client client, string? userId,
        Func<IReadOnlyCollection<string>, ValueTask<bool>> join)
    {
        var groups = sought.Offer.Groups;
        var taken = !await OccupyAsync(entry, client, sought.Node) ? null : await _moves.Seeker.TakeAsync(sought, client,
            cluster.ChannelsFor(broadcaster, userId, groups), () => join(groups), options.MoveTimeout);
        server.Metrics.Resumed(taken is null ? "not_moved" : "moved");
        if (taken is null)
            return null;

        // It may have joined others since it was offered, and left some.
        await join(taken.Groups);
        return new MovedSession { NodeId = cluster.NameOf(sought.Node), Groups = taken.Groups, State = taken.State };
    }

    /// <summary>Where the session was here before, its earlier client is to be forgotten first.</summary>
    private async Task<bool> OccupyAsync(SessionEntry entry, Client client, ulong node)
    {
        using var deadline = new CancellationTokenSource(options.MoveTimeout, server.Time);
        try
        {
            while (sessions.Occupy(entry, client.Id) is { } earlier)
                await CountedWork.Until(server.Time, earlier).WaitAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            Log.NotTaken(server.Logger, client.Id, cluster.NameOf(node), options.MoveTimeout);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(146, LogLevel.Warning, "Connection {ConnectionId} has come back here from the server {Node}, and was still being " +
            "unregistered here after {Limit}, from before it had moved there. It is asked to come again.", EventName = "SessionNotTaken")]
        public static partial void NotTaken(ILogger logger, string connectionId, string node, TimeSpan limit);
    }
}

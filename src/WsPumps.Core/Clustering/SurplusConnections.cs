using Microsoft.Extensions.Logging;

namespace WsPumps.Clustering;

/// <summary>
/// Closes the oldest connections of users who have more than they may in the whole cluster. A user is looked at for some seconds after one
/// of his connections was let in here: by then the servers have told each other.
/// </summary>
internal sealed partial class SurplusConnections(
    ClusterCore core, ClusterInbox inbox, ClusterQueries queries, ClusterPresence presence, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LookedAtFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(string Broadcaster, string User), Look> _looks = [];
    private readonly Lock _lock = new();

    /// <summary>A connection of the user was let in here.</summary>
    public void LetIn(string user, string broadcaster, int max)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (!_looks.TryGetValue((broadcaster, user), out var look))
                _looks.Add((broadcaster, user), look = new Look(user, broadcaster, now));
            (look.Max, look.LastLetInAt) = (max, now);
        }
    }

    /// <summary>Done with each pass of the upkeep.</summary>
    public void Run(long now)
    {
        foreach (var look in TakeDue(now))
        {
            if (presence.User(look.User, look.Broadcaster).Count > look.Max && inbox.Find(look.Broadcaster) is { } member)
                _ = CloseAsync(look, member);
            else
                look.IsUnderWay = false;
        }
    }

    private List<Look> TakeDue(long now)
    {
        var due = new List<Look>();
        lock (_lock)
        {
            foreach (var (key, look) in _looks)
            {
                if (look.IsUnderWay)
                    continue;

                if (time.GetElapsedTime(look.LastLetInAt, now) > LookedAtFor)
                {
                    _looks.Remove(key);
                }
                else if (time.GetElapsedTime(look.DueAt, now) >= TimeSpan.Zero)
                {
                    look.IsUnderWay = true;
                    look.DueAt = now + (long)(Interval.TotalSeconds * time.TimestampFrequency);
                    due.Add(look);
                }
            }
        }

        return due;
    }

    /// <summary>Counts alone do not say which are the oldest: that is asked.</summary>
    private async Task CloseAsync(Look look, ClusterMember member)
    {
        try
        {
            var clients = await queries.SnapshotsAsync(
                member.Broadcaster.User(look.User), Timeout, limit: 10_000, CancellationToken.None).ConfigureAwait(false);
            // The same order on each server that asks, so that two who ask at once close the same.
            string[] surplus = [.. clients.Value.Select(one => one.Client)
                .OrderByDescending(client => client.Statistics.ConnectedAt).ThenBy(client => client.Id, StringComparer.Ordinal)
                .Skip(look.Max).Select(client => client.Id)];
            if (surplus.Length > 0)
                CloseAsReplaced(member, AudienceSelector.Clients(surplus));
        }
        catch (Exception exception)
        {
            Log.Failed(logger, look.Max, exception);
        }
        finally
        {
            look.IsUnderWay = false;
        }
    }

    /// <summary>A matter of the server, as the limits of one server are: no route of the application stands between.</summary>
    private void CloseAsReplaced(ClusterMember member, AudienceSelector surplus)
    {
        member.CloseAsReplaced(surplus, time.GetUtcNow());
        var envelope = core.Publisher.Begin(EnvelopeKind.Close);
        envelope.WriteText(member.Name);
        surplus.WriteTo(envelope);
        CloseBody.WriteReplaced(envelope);
        core.Publisher.PublishNumbered(ChannelMap.All, envelope);
    }

    private sealed class Look(string user, string broadcaster, long now)
    {
        private bool _isUnderWay;

        public string User { get; } = user;

        public string Broadcaster { get; } = broadcaster;

        public int Max { get; set; }

        public long LastLetInAt { get; set; }

        public long DueAt { get; set; } = now;

        public bool IsUnderWay
        {
            get => Volatile.Read(ref _isUnderWay);
            set => Volatile.Write(ref _isUnderWay, value);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(217, LogLevel.Error, "A user has more than {MaxConnections} connections in the cluster, and the oldest could not " +
            "be closed. It is tried again for some seconds.", EventName = "ClusterSurplusFailed")]
        public static partial void Failed(ILogger logger, int maxConnections, Exception exception);
    }
}

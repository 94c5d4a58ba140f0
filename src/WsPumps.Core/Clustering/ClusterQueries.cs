using System.Collections.Concurrent;
using System.Net.WebSockets;
using WsPumps.Diagnostics;
using WsPumps.Framing;

namespace WsPumps.Clustering;

/// <summary>Asks other nodes about an audience, and answers them.</summary>
internal sealed class ClusterQueries(ClusterCore core, ClusterInbox inbox, TimeProvider time)
{
    private readonly ConcurrentDictionary<ulong, PendingQuery> _pending = new();
    private ulong _lastId;

    public async Task<ClusterResult<int>> CountAsync(Audience audience, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var member = CheckedMember(audience, timeout);
        var result = await AskAsync(member, audience.Selector, QueryKind.Count, static _ => { }, timeout, cancellationToken)
            .ConfigureAwait(false);
        return Sum(IsHere(audience) ? member.Count(audience.Selector) : 0, result);
    }

    public async Task<ClusterResult<int>> CloseAsync(
        Audience audience, TimeSpan timeout, WebSocketCloseStatus status, string? reason, CloseMode mode,
        CancellationToken cancellationToken)
    {
        CloseStatus.Validate(status);
        var member = CheckedMember(audience, timeout);
        var closing = IsHere(audience) ? member.Close(audience.Selector, time.GetUtcNow(), status, reason, mode) : 0;
        var result = await AskAsync(member, audience.Selector, QueryKind.Close, query => CloseBody.Write(query, status, reason, mode),
            timeout, cancellationToken).ConfigureAwait(false);
        return Sum(closing, result);
    }

    public async Task<ClusterResult<IReadOnlyList<ClusterClient>>> SnapshotsAsync(Audience audience, TimeSpan timeout, int limit,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        var member = CheckedMember(audience, timeout);
        var (answers, missing) = await AskAsync(member, audience.Selector, QueryKind.Snapshots, query => query.WriteNumber(limit), timeout,
            cancellationToken).ConfigureAwait(false);
        var clients = new List<ClusterClient>();
        if (IsHere(audience))
        {
            clients.AddRange(member.Snapshots(audience.Selector).Take(limit)
                .Select(client => new ClusterClient { NodeId = core.Self.Id, Client = client }));
        }

        foreach (var (node, answer) in answers)
            clients.AddRange(ReadSnapshots(answer).Select(client => new ClusterClient { NodeId = node, Client = client }));
        return Result<IReadOnlyList<ClusterClient>>(clients, answers, missing);
    }

    public void OnQuery(in Envelope envelope, ref BodyReader body)
    {
        var id = body.ReadUInt64();
        var kind = (QueryKind)body.ReadByte();
        var known = inbox.ReadAudience(ref body);
        if (!body.IsValid)
            return;

        // A node without that broadcaster has nobody: it says so, and need not be waited for.
        switch (kind)
        {
            case QueryKind.Count:
                Answer(envelope.Origin, id, known is var (counted, whom) ? counted.Count(whom) : 0);
                break;
            case QueryKind.Close:
                var (status, reason, mode, _) = CloseBody.Read(ref body);
                var issuedAt = core.Nodes.Translate(envelope.Origin, envelope.SentAt);
                Answer(envelope.Origin, id, body.IsValid && known is var (closed, who)
                    ? closed.Close(who, issuedAt, status, reason, mode) : 0);
                break;
            case QueryKind.Snapshots:
                var limit = (int)Math.Clamp(body.ReadNumber(), 0, 10_000);
                Answer(envelope.Origin, id, known is var (asked, all) ? [.. asked.Snapshots(all).Take(limit)] : []);
                break;
        }
    }

    public void OnAnswer(in Envelope envelope, ref BodyReader body)
    {
        var id = body.ReadUInt64();
        if (body.IsValid && _pending.TryGetValue(id, out var query))
            query.Add(envelope.Origin, body.Rest);
    }

    private async Task<(List<(string NodeId, byte[] Answer)> Answers, List<string> Missing)> AskAsync(
        ClusterMember member, AudienceSelector audience, QueryKind kind, Action<BodyWriter> write, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var nodes = core.Nodes.AliveInstances;
        if (audience.NodeId is { } only)
            nodes = nodes.Where(node => node.Value == only).ToDictionary();
        var query = new PendingQuery(nodes);
        // Without the engine nobody would answer, and a close that waits in the outbox would come late: those are named at once.
        if (nodes.Count == 0 || core.Status.State is not BackplaneState.Connected)
            return query.Result();

        var id = Interlocked.Increment(ref _lastId);
        _pending[id] = query;
        try
        {
            var envelope = core.Publisher.Begin(EnvelopeKind.Query);
            envelope.WriteUInt64(id);
            envelope.WriteByte((byte)kind);
            envelope.WriteText(member.Name);
            audience.WriteTo(envelope);
            write(envelope);
            core.Publisher.PublishControl(envelope);
            await CountedWork.Until(time, query.Complete).WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Who has not answered is named in the result.
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }

        return query.Result();
    }

    private void Answer(ulong instance, ulong id, int count)
    {
        var answer = BeginAnswer(id);
        answer.WriteNumber(count);
        core.Publisher.PublishTo(instance, answer);
    }

    private void Answer(ulong instance, ulong id, List<ClientSnapshot> snapshots)
    {
        var answer = BeginAnswer(id);
        answer.WriteNumber(snapshots.Count);
        foreach (var snapshot in snapshots)
            SnapshotBody.Write(answer, snapshot);
        core.Publisher.PublishTo(instance, answer);
    }

    private BodyWriter BeginAnswer(ulong id)
    {
        var answer = core.Publisher.Begin(EnvelopeKind.Answer);
        answer.WriteUInt64(id);
        return answer;
    }

    private static List<ClientSnapshot> ReadSnapshots(byte[] answer)
    {
        var reader = new BodyReader(answer);
        var snapshots = new List<ClientSnapshot>();
        for (var left = reader.ReadCount(); left > 0 && reader.IsValid; left--)
        {
            var snapshot = SnapshotBody.Read(ref reader);
            if (reader.IsValid)
                snapshots.Add(snapshot);
        }

        return snapshots;
    }

    private ClusterResult<int> Sum(int own, (List<(string NodeId, byte[] Answer)> Answers, List<string> Missing) result)
    {
        var sum = own;
        foreach (var (_, answer) in result.Answers)
            sum += (int)new BodyReader(answer).ReadNumber();
        return Result(sum, result.Answers, result.Missing);
    }

    private ClusterResult<T> Result<T>(T value, List<(string NodeId, byte[] Answer)> answers, List<string> missing) => new()
    {
        Value = value,
        Answered = [core.Self.Id, .. answers.Select(answer => answer.NodeId)],
        Missing = missing,
    };

    private bool IsHere(Audience audience) => audience.Selector.NodeId is null || audience.Selector.NodeId == core.Self.Id;

    /// <summary>What is not allowed is said before anybody is asked or closed.</summary>
    private ClusterMember CheckedMember(Audience audience, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(audience);
        if (timeout < TimeSpan.FromMilliseconds(10) || timeout > TimeSpan.FromMinutes(1))
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout,
                "The time to wait for other servers must be from 10 ms to 1 minute.");
        }

        return inbox.Find(audience) ?? throw new ArgumentException(
            "The audience belongs to no broadcaster of this cluster. Take it from a broadcaster that CreateBroadcaster has made.",
            nameof(audience));
    }
}

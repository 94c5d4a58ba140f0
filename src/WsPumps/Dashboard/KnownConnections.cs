using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using WsPumps.Hosting;
using WsPumps.Registry;

namespace WsPumps.Dashboard;

/// <summary>The open connections of the application's endpoints, and the log of what happens to them.</summary>
internal sealed class KnownConnections(TimeProvider time) : IConnectionObserver
{
    private const int MaxEvents = 1000;

    private readonly ConcurrentDictionary<string, KnownConnection> _open = new();
    private readonly ConditionalWeakTable<Manager, object> _watched = [];
    private long _lastNumber;

    /// <summary>Those of all connections, also of those that have ended.</summary>
    public Ring<ConnectionEvent> Log { get; } = new(MaxEvents);

    public IEnumerable<KnownConnection> All => _open.Select(static known => known.Value);

    /// <returns>Null where no endpoint has opened it, or it has ended.</returns>
    public KnownConnection? Find(string id) => _open.GetValueOrDefault(id);

    public object Opened(IClient client, Client? created, HttpContext http, Broadcaster broadcaster)
    {
        Watch(broadcaster);
        var known = new KnownConnection(client, created, client.Id, Handshake.Of(http))
        {
            User = http.User is { Identity.IsAuthenticated: true } user ? UserIdentity.DefaultId(user) : null,
        };
        // Two clients with one id: the second will not be registered.
        _open.TryAdd(known.Id, known);
        Note(known, "opened", Severity.None, known.Handshake.Endpoint);
        return known;
    }

    public void Ended(object opened)
    {
        var known = (KnownConnection)opened;
        _open.TryRemove(KeyValuePair.Create(known.Id, known));
        var record = known.Client.Completion is { IsCompletedSuccessfully: true, Result: var result }
            ? result : new DisconnectRecord { Reason = DisconnectReason.Unknown };
        Note(known, "ended", Severity.Of(JsonNamingPolicy.SnakeCaseLower.ConvertName(record.Reason.ToString())), Describe(record));
    }

    public void Dropped(KnownConnection known, long messages) => Note(known, "dropped", Severity.Warning,
        messages == 1 ? "1 message" : string.Create(CultureInfo.InvariantCulture, $"{messages} messages"));

    /// <summary>Also a broadcaster that was made later is told about: with its first connection.</summary>
    private void Watch(Broadcaster broadcaster)
    {
        if (!_watched.TryAdd(broadcaster.Manager, this))
            return;

        broadcaster.Joined += membership => Changed(membership, "joined");
        broadcaster.Left += membership => Changed(membership, "left");
    }

    private void Changed(MembershipEvent membership, string kind)
    {
        if (_open.TryGetValue(membership.Client.Id, out var known))
            Note(known, kind, Severity.None, membership.Group);
    }

    private void Note(KnownConnection known, string kind, string severity, string text)
    {
        var happened = new ConnectionEvent(Interlocked.Increment(ref _lastNumber), time.GetUtcNow().ToUnixTimeMilliseconds(), kind,
            severity, known.Id, known.User, text);
        known.Events.Add(happened);
        Log.Add(happened);
    }

    private static string Describe(DisconnectRecord record)
    {
        var parts = new List<string> { record.Reason.ToString() };
        if (record.LocalStatus is { } sent)
            parts.Add($"{(int)sent} sent");
        if (record.PeerStatus is { } received)
            parts.Add($"{(int)received} received");
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"after {record.Duration.TotalSeconds:F1} s"));
        if (record.MessagesUnsent > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{record.MessagesUnsent} unsent"));
        if (record.MessagesDropped > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{record.MessagesDropped} dropped"));
        if (record.Exception is { } exception)
            parts.Add(exception.GetType().Name);
        return string.Join(", ", parts);
    }
}

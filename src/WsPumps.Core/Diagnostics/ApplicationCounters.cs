using System.Diagnostics.Metrics;
using System.Text.Json;

namespace WsPumps.Diagnostics;

/// <summary>
/// The sums of all connections of an application, and the instruments that read them. Connections count for themselves; they are
/// asked when somebody asks for the sums, so that thousands that are idle cost nothing where nobody does.
/// </summary>
internal sealed class ApplicationCounters
{
    /// <summary>How many connections are asked before the lock is given up for a moment.</summary>
    private const int Chunk = 1024;

    private static readonly KeyValuePair<string, object?> Receive = new("network.io.direction", "receive");
    private static readonly KeyValuePair<string, object?> Transmit = new("network.io.direction", "transmit");

    private static readonly KeyValuePair<string, object?>[] Reasons =
        [.. Enum.GetNames<DropReason>().Select(name => KeyValuePair.Create<string, object?>("wspumps.drop.reason",
            JsonNamingPolicy.SnakeCaseLower.ConvertName(name)))];

    private readonly Lock _lock = new();
    private readonly List<IMeteredConnection> _open = [];
    private readonly long[] _drops = new long[Reasons.Length];
    private PumpsTotals _totals;
    private ulong _tick;
    private ulong _askedAt;

    /// <summary>The sums, at most one tick of the heartbeat old.</summary>
    public PumpsTotals Read()
    {
        AskAll();
        lock (_lock)
            return _totals;
    }

    /// <summary>Told of each tick of the heartbeat by each connection.</summary>
    /// <returns>Whether it is the first to tell.</returns>
    public bool Ticked(ulong tick)
    {
        if (_tick == tick)
            return false;

        _tick = tick;
        return true;
    }

    public void Open(IMeteredConnection connection)
    {
        lock (_lock)
        {
            connection.Index = _open.Count;
            _open.Add(connection);
        }
    }

    /// <summary>The connection has ended: its sums are exact from here on. No user code runs meanwhile.</summary>
    public void Close(IMeteredConnection connection)
    {
        lock (_lock)
        {
            _totals = _totals.Plus(connection.Take(_drops));
            var last = _open[^1];
            (_open[connection.Index], last.Index) = (last, connection.Index);
            _open.RemoveAt(_open.Count - 1);
        }
    }

    public void AddInstruments(Meter meter)
    {
        meter.CreateObservableCounter("wspumps.messages", Messages, "{message}",
            "Messages that were handed to the transport, or received whole.");
        meter.CreateObservableCounter("wspumps.io", Bytes, "By", "Payload bytes of the messages that were sent and received.");
        meter.CreateObservableCounter("wspumps.compression.saved", Saved, "By",
            "Payload bytes that did not go over the wire, because messages were compressed.");
        meter.CreateObservableCounter("wspumps.dropped_messages", Drops, "{message}",
            "Messages that were dropped while their client was connected.");
        meter.CreateObservableCounter("wspumps.unsent_messages", () => Read().MessagesUnsent, "{message}",
            "Messages that were accepted and not sent before their connection ended.");
        meter.CreateObservableUpDownCounter("wspumps.queued_messages", () => Read().QueuedMessages, "{message}",
            "Messages that wait in the queues of all clients.");
        meter.CreateObservableUpDownCounter("wspumps.queued_bytes", () => Read().QueuedBytes, "By",
            "Payload bytes that wait in the queues of all clients.");
        meter.CreateObservableCounter("wspumps.write_stalls", () => Read().WriteStalls, "{write}",
            "Writes to a peer that took longer than a second.");
    }

    private IEnumerable<Measurement<long>> Messages()
    {
        var totals = Read();
        return [new(totals.MessagesReceived, Receive), new(totals.MessagesSent, Transmit)];
    }

    private IEnumerable<Measurement<long>> Bytes()
    {
        var totals = Read();
        return [new(totals.BytesReceived, Receive), new(totals.BytesSent, Transmit)];
    }

    private IEnumerable<Measurement<long>> Saved()
    {
        var totals = Read();
        return
        [
            new(totals.BytesReceived - totals.CompressedBytesReceived, Receive),
            new(totals.UncompressedBytesSent - totals.BytesSent, Transmit),
        ];
    }

    private IEnumerable<Measurement<long>> Drops()
    {
        AskAll();
        lock (_lock)
            return [.. Reasons.Select((reason, i) => new Measurement<long>(_drops[i], reason)).Skip((int)DropReason.Unknown + 1)];
    }

    /// <summary>Adds what is new of each connection, once for each tick: instruments are read one after the other.</summary>
    private void AskAll()
    {
        var tick = _tick;
        if (_askedAt == tick && tick != 0)
            return;

        for (var next = 0; next >= 0;)
        {
            lock (_lock)
                next = Ask(next);
        }

        _askedAt = tick;
    }

    /// <summary>One that takes the place of one that has ended may be passed over: it is asked the next time.</summary>
    /// <returns>Where to go on; negative at the end.</returns>
    private int Ask(int first)
    {
        var end = Math.Min(_open.Count, first + Chunk);
        for (var i = first; i < end; i++)
            _totals = _totals.Plus(_open[i].Take(_drops));
        return end < _open.Count ? end : -1;
    }
}

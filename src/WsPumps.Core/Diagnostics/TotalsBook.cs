using System.Diagnostics.Metrics;
using System.Text.Json;

namespace WsPumps.Diagnostics;

/// <summary>The sums of all connections of an application, and the instruments that read them when somebody asks.</summary>
internal sealed class TotalsBook
{
    private static readonly KeyValuePair<string, object?> Receive = new("network.io.direction", "receive");
    private static readonly KeyValuePair<string, object?> Transmit = new("network.io.direction", "transmit");

    private static readonly KeyValuePair<string, object?>[] Reasons =
        [.. Enum.GetNames<DropReason>().Select(name => KeyValuePair.Create<string, object?>("wspumps.drop.reason", JsonNamingPolicy.SnakeCaseLower.ConvertName(name)))];

    private readonly Lock _lock = new();
    private readonly long[] _drops = new long[Reasons.Length];
    private PumpsTotals _totals;

    public PumpsTotals Read()
    {
        lock (_lock)
            return _totals;
    }

    /// <summary>Adds what is new of a connection since it was added last. No user code runs meanwhile.</summary>
    public void Add(ConnectionTally tally)
    {
        lock (_lock)
            _totals = _totals.Plus(tally.Take(_drops));
    }

    public void AddInstruments(Meter meter)
    {
        meter.CreateObservableCounter("wspumps.messages", Messages, "{message}", "Messages that were handed to the transport, or received whole.");
        meter.CreateObservableCounter("wspumps.io", Bytes, "By", "Payload bytes of the messages that were sent and received.");
        meter.CreateObservableCounter("wspumps.dropped_messages", Drops, "{message}", "Messages that were dropped while their client was connected.");
        meter.CreateObservableCounter("wspumps.unsent_messages", () => Read().MessagesUnsent, "{message}", "Messages that were accepted and not sent before their connection ended.");
        meter.CreateObservableUpDownCounter("wspumps.queued_messages", () => Read().QueuedMessages, "{message}", "Messages that wait in the queues of all clients.");
        meter.CreateObservableUpDownCounter("wspumps.queued_bytes", () => Read().QueuedBytes, "By", "Payload bytes that wait in the queues of all clients.");
        meter.CreateObservableCounter("wspumps.write_stalls", () => Read().WriteStalls, "{write}", "Writes to a peer that took longer than a second.");
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

    private IEnumerable<Measurement<long>> Drops()
    {
        lock (_lock)
            return [.. Reasons.Select((reason, i) => new Measurement<long>(_drops[i], reason))];
    }
}

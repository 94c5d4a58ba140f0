using System.Diagnostics.Metrics;
using WsPumps.Diagnostics;

namespace WsPumps.Clustering;

/// <summary>What the cluster counts, as instruments of the library's meter.</summary>
internal sealed class ClusterMetrics
{
    private readonly Histogram<double> _lag;

    public ClusterMetrics(IMeterFactory factory, Cluster cluster)
    {
        var meter = factory.Create(PumpsMetrics.MeterName);
        Sum("wspumps.cluster.published", "{message}", "Messages for other servers.", statistics => statistics.MessagesPublished);
        Sum("wspumps.cluster.received", "{message}",
            "Messages of other servers that have arrived.", statistics => statistics.MessagesReceived);
        Sum("wspumps.cluster.missing", "{message}", "Messages of other servers that should have arrived and did not.",
            statistics => statistics.MessagesMissing);
        Sum("wspumps.cluster.outbox.dropped", "{message}", "Messages for other servers that the engine did not take in time.",
            statistics => statistics.MessagesDropped);
        Sum("wspumps.cluster.repeated", "{message}", "Messages of other servers that came twice or too late.",
            statistics => statistics.MessagesRepeated);
        Sum("wspumps.cluster.ignored", "{message}",
            "What came on the channels and is none of ours.", statistics => statistics.MessagesIgnored);
        meter.CreateObservableUpDownCounter("wspumps.cluster.outbox.messages", () => cluster.Statistics.QueuedMessages, "{message}",
            "Messages that wait for the engine.");
        meter.CreateObservableUpDownCounter("wspumps.cluster.nodes", () => cluster.Nodes.Count, "{node}",
            "Servers that are there, this one included.");
        meter.CreateObservableUpDownCounter("wspumps.cluster.connected", () => cluster.Status.State is BackplaneState.Connected
            ? 1 : 0, "{connection}", "1 while the engine is connected, else 0.");
        _lag = meter.CreateHistogram("wspumps.cluster.lag", "s", "From the write on one server to its arrival at another, by their clocks.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets.Short });

        void Sum(string name, string unit, string description, Func<ClusterStatistics, long> read) =>
            meter.CreateObservableCounter(name, () => read(cluster.Statistics), unit, description);
    }

    public void Arrived(TimeSpan lag) => _lag.Record(Math.Max(0, lag.TotalSeconds));
}

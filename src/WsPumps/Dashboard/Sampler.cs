using WsPumps.Hosting;

namespace WsPumps.Dashboard;

/// <summary>Takes the samples of the history. Used by one thread at a time.</summary>
internal sealed class Sampler(PumpsServer server, KnownConnections connections)
{
    private readonly List<double> _roundTrips = [];
    private PumpsTotals _totals;
    private TimeSpan _processor;
    private long? _takenAt;

    public Sample Take()
    {
        var (now, at) = (server.Time.GetTimestamp(), server.Time.GetUtcNow().ToUnixTimeMilliseconds());
        var seconds = _takenAt is { } before ? server.Time.GetElapsedTime(before, now).TotalSeconds : 0;
        var (totals, processor) = (server.ClientMetrics.Totals, Environment.CpuUsage.TotalTime);
        var since = totals.Minus(_totals);
        var used = (processor - _processor).TotalSeconds;
        Look(at);
        var sample = new Sample(
            at,
            server.Metrics.ActiveConnections,
            Rate(since.MessagesReceived),
            Rate(since.MessagesSent),
            Rate(since.BytesReceived),
            Rate(since.BytesSent),
            Rate(since.MessagesDropped),
            totals.QueuedMessages,
            Median(),
            Rate(used / Environment.ProcessorCount * 100),
            Environment.WorkingSet,
            server.ClientMetrics.HeartbeatLag.TotalMilliseconds);
        (_totals, _processor, _takenAt) = (totals, processor, now);
        return sample;

        double Rate(double amount) => seconds > 0 ? Math.Round(Math.Max(0, amount / seconds), 2) : 0;
    }

    private void Look(long at)
    {
        _roundTrips.Clear();
        foreach (var known in connections.All)
        {
            var statistics = server.Broadcaster.Manager.Calls.Statistics(known.Client);
            if (known.Note(statistics, at) is > 0 and var dropped)
                connections.Dropped(known, dropped);
            if (statistics.RoundTripTime is { } roundTrip)
                _roundTrips.Add(roundTrip.TotalMilliseconds);
        }
    }

    private double? Median()
    {
        if (_roundTrips.Count == 0)
            return null;

        _roundTrips.Sort();
        return _roundTrips[_roundTrips.Count / 2];
    }
}

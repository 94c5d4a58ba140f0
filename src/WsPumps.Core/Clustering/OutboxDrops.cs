using Microsoft.Extensions.Logging;

namespace WsPumps.Clustering;

/// <summary>Counts what the outbox drops because the engine does not take it in time, and logs the sum when that is over.</summary>
internal sealed partial class OutboxDrops(IBackplane backplane, ClusterCounters counters, TimeProvider time, ILogger logger)
{
    /// <summary>Between two lines of the log: an engine that is too slow all the time would fill it.</summary>
    private static readonly TimeSpan MinPeriod = TimeSpan.FromSeconds(10);

    private long _unlogged;
    private long? _loggedAt;

    /// <summary>Safe for concurrent use.</summary>
    public void Add()
    {
        counters.OutboxDropped();
        Interlocked.Increment(ref _unlogged);
    }

    /// <summary>The engine has taken all that waited. By one thread at a time.</summary>
    public void Over()
    {
        if (Volatile.Read(ref _unlogged) == 0 || (_loggedAt is { } last && time.GetElapsedTime(last) < MinPeriod))
            return;

        _loggedAt = time.GetTimestamp();
        Log.Dropped(logger, backplane.Name, Interlocked.Exchange(ref _unlogged, 0));
    }

    private static partial class Log
    {
        [LoggerMessage(219, LogLevel.Warning, "The backplane {Backplane} did not take messages for other servers in time: {Messages} " +
            "were dropped.", EventName = "ClusterOutboxDropped")]
        public static partial void Dropped(ILogger logger, string backplane, long messages);
    }
}

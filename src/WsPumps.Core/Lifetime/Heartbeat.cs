using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace WsPumps.Lifetime;

/// <summary>
/// One timer for all connections on a clock: each second it asks each whether a deadline has passed. It runs only
/// while there are connections, so nothing is left behind when the last one goes.
/// </summary>
internal sealed class Heartbeat(TimeProvider time)
{
    /// <summary>Deadlines are kept to within one period.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>
    /// So many are asked between two looks at the clock: how long they take is work of ours, and more than that is a pause.
    /// </summary>
    private const int Chunk = 256;

    private static readonly ConditionalWeakTable<TimeProvider, Heartbeat> PerClock = [];

    private readonly ConcurrentDictionary<ConnectionWatch, bool> _connections = new();
    private readonly Lock _lock = new();
    private PeriodicTimer? _timer;
    private ulong _ticks;

    public static Heartbeat For(TimeProvider time) => PerClock.GetValue(time, static time => new Heartbeat(time));

    public void Add(ConnectionWatch connection)
    {
        lock (_lock)
        {
            _connections.TryAdd(connection, true);
            if (_timer is not null)
                return;

            _timer = new PeriodicTimer(Period, time);
            // The loop outlives the request that happens to start it.
            using (ExecutionContext.SuppressFlow())
                _ = RunAsync(_timer);
        }
    }

    public void Remove(ConnectionWatch connection)
    {
        lock (_lock)
        {
            if (!_connections.TryRemove(connection, out _) || !_connections.IsEmpty)
                return;

            _timer?.Dispose();
            _timer = null;
        }
    }

    /// <summary>Calls nothing that throws: neither the clock does, see <see cref="Diagnostics.SafeClock"/>, nor a connection.</summary>
    private async Task RunAsync(PeriodicTimer timer)
    {
        var pauses = new Pauses(time);
        var endedAt = time.GetTimestamp();
        var next = time.After(endedAt, Period);
        while (await timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            // Timers of the system go ahead of all else on the thread pool. Behind what waits there it is as late as the reads are.
            if (time == TimeProvider.System)
                await Task.Yield();

            var now = time.GetTimestamp();
            // A tick that takes longer than a period makes the next one late, and that is no pause.
            var late = pauses.Note(Math.Max(next, endedAt), now);
            next = time.After(now, Period);
            endedAt = AskAll(new HeartbeatTick(Interlocked.Increment(ref _ticks), now, time.GetUtcNow(), late, pauses));
        }
    }

    /// <returns>When all were asked.</returns>
    private long AskAll(in HeartbeatTick tick)
    {
        var (count, at) = (0, tick.Now);
        foreach (var (connection, _) in _connections)
        {
            connection.OnHeartbeat(tick);
            if (++count % Chunk == 0)
                at = Look(at, tick.Pauses);
        }

        return Look(at, tick.Pauses);
    }

    private long Look(long before, Pauses pauses)
    {
        var now = time.GetTimestamp();
        pauses.Note(before, now);
        return now;
    }
}

using System.Collections.Concurrent;

namespace WsPumps.Inbound;

/// <summary>
/// Looks after the pumps that rest while handlers are at work: one timer for all, which runs while any message is received as a stream.
/// </summary>
/// <remarks>In real time, whatever the clocks of the connections say: it is about threads.</remarks>
internal static class RestingPumps
{
    /// <summary>For so long, or a little longer, a pump rests where its handler neither reads nor returns.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private static readonly Lock Guard = new();
    private static readonly ConcurrentDictionary<StreamHandOver, bool> Watched = new();
    private static PeriodicTimer? _timer;

    public static void Add(StreamHandOver handOver)
    {
        lock (Guard)
        {
            Watched[handOver] = true;
            if (_timer is not null)
                return;

            _timer = new PeriodicTimer(Period, TimeProvider.System);
            using (ExecutionContext.SuppressFlow())
                _ = RunAsync(_timer);
        }
    }

    public static void Remove(StreamHandOver handOver)
    {
        lock (Guard)
        {
            if (!Watched.TryRemove(handOver, out _) || !Watched.IsEmpty)
                return;

            _timer?.Dispose();
            _timer = null;
        }
    }

    private static async Task RunAsync(PeriodicTimer timer)
    {
        while (await timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            foreach (var (handOver, _) in Watched)
                handOver.Look();
        }
    }
}

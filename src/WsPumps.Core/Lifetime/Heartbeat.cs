using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace WsPumps.Lifetime;

/// <summary>
/// One timer for all connections on a clock: each second it asks every client whether a deadline has passed. It runs only
/// while there are clients, so nothing is left behind when the last one goes.
/// </summary>
internal sealed class Heartbeat(TimeProvider time)
{
    /// <summary>Deadlines are kept to within one period.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private static readonly ConditionalWeakTable<TimeProvider, Heartbeat> PerClock = [];

    private readonly ConcurrentDictionary<Client, bool> _clients = new();
    private readonly Lock _lock = new();
    private PeriodicTimer? _timer;

    public static Heartbeat For(TimeProvider time) => PerClock.GetValue(time, static time => new Heartbeat(time));

    public void Add(Client client)
    {
        lock (_lock)
        {
            _clients.TryAdd(client, true);
            if (_timer is not null)
                return;

            _timer = new PeriodicTimer(Period, time);
            // The loop outlives the request that happens to start it.
            using (ExecutionContext.SuppressFlow())
                _ = BeatAsync(_timer);
        }
    }

    public void Remove(Client client)
    {
        lock (_lock)
        {
            if (!_clients.TryRemove(client, out _) || !_clients.IsEmpty)
                return;

            _timer?.Dispose();
            _timer = null;
        }
    }

    private async Task BeatAsync(PeriodicTimer timer)
    {
        while (await timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            foreach (var (client, _) in _clients)
                client.OnHeartbeat();
        }
    }
}

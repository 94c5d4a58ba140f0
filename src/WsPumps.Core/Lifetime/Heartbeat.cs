using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using WsPumps.Framing;

namespace WsPumps.Lifetime;

/// <summary>
/// One timer for all connections on a clock: each second it asks each whether a deadline has passed. It runs only
/// while there are connections, so nothing is left behind when the last one goes.
/// </summary>
internal sealed class Heartbeat(TimeProvider time)
{
    /// <summary>Deadlines are kept to within one period.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private static readonly ConditionalWeakTable<TimeProvider, Heartbeat> PerClock = [];

    private readonly ConcurrentDictionary<Connection, bool> _connections = new();
    private readonly Lock _lock = new();
    private PeriodicTimer? _timer;

    public static Heartbeat For(TimeProvider time) => PerClock.GetValue(time, static time => new Heartbeat(time));

    public void Add(Connection connection)
    {
        lock (_lock)
        {
            _connections.TryAdd(connection, true);
            if (_timer is not null)
                return;

            _timer = new PeriodicTimer(Period, time);
            // The loop outlives the request that happens to start it.
            using (ExecutionContext.SuppressFlow())
                _ = BeatAsync(_timer);
        }
    }

    public void Remove(Connection connection)
    {
        lock (_lock)
        {
            if (!_connections.TryRemove(connection, out _) || !_connections.IsEmpty)
                return;

            _timer?.Dispose();
            _timer = null;
        }
    }

    private async Task BeatAsync(PeriodicTimer timer)
    {
        // Not to be guessed: a pong that comes before its ping could be taken for the proof that direct writes need.
        var id = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var payload = new byte[sizeof(ulong)];
        var before = time.GetTimestamp();
        while (await timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            id = Math.Max(1, id + 1);
            BinaryPrimitives.WriteUInt64BigEndian(payload, id);
            var now = time.GetTimestamp();
            var late = time.GetElapsedTime(before, now) - Period;
            before = now;
            var beat = new Beat(now, time.GetUtcNow(), id, late > TimeSpan.Zero ? late : TimeSpan.Zero, PreparedMessage.Control(Opcode.Ping, payload));
            foreach (var (connection, _) in _connections)
                connection.OnHeartbeat(beat);
        }
    }
}

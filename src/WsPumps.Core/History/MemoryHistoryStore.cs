using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;

namespace WsPumps.History;

/// <summary>Keeps the history of groups in this process: each server of a cluster has its own, with epochs of its own.</summary>
internal sealed class MemoryHistoryStore(TimeProvider time) : IHistoryStore
{
    private readonly ConcurrentDictionary<string, Log> _logs = new();

    public ValueTask<HistoryEntry> AppendAsync(string group, PreparedMessage message, HistoryOptions options, bool beginAnew,
        CancellationToken cancellationToken)
    {
        var log = LogOf(group);
        lock (log)
            return new ValueTask<HistoryEntry>(log.Append(message, options, beginAnew, time.GetUtcNow()));
    }

    public ValueTask<HistoryRead> ReadAsync(string group, HistoryOffset after, HistoryOptions options, CancellationToken cancellationToken)
    {
        var log = LogOf(group);
        lock (log)
            return new ValueTask<HistoryRead>(log.Read(after, options, time.GetUtcNow()));
    }

    public void Forget(string group) => _logs.TryRemove(group, out _);

    private Log LogOf(string group) => _logs.GetOrAdd(group, static _ => new Log());

    private sealed class Log
    {
        private readonly Queue<(HistoryEntry Entry, DateTimeOffset At)> _entries = new();
        private string _epoch = NewEpoch();
        private ulong _last;

        public HistoryEntry Append(PreparedMessage message, HistoryOptions options, bool beginAnew, DateTimeOffset now)
        {
            if (beginAnew)
            {
                _entries.Clear();
                _epoch = NewEpoch();
            }

            var entry = new HistoryEntry
            {
                Epoch = _epoch,
                Previous = new HistoryOffset(_last, 0),
                Offset = new HistoryOffset(++_last, 0),
                Message = message,
            };
            _entries.Enqueue((entry, now));
            Trim(options, now);
            return entry;
        }

        public HistoryRead Read(HistoryOffset after, HistoryOptions options, DateTimeOffset now)
        {
            Trim(options, now);
            return new HistoryRead
            {
                Epoch = _epoch,
                Last = new HistoryOffset(_last, 0),
                Entries = [.. _entries.Where(kept => kept.Entry.Offset > after).Select(kept => kept.Entry)],
            };
        }

        private void Trim(HistoryOptions options, DateTimeOffset now)
        {
            while (_entries.TryPeek(out var oldest) && (_entries.Count > options.Count || now - oldest.At > options.Age))
                _entries.Dequeue();
        }

        private static string NewEpoch() => RandomNumberGenerator.GetInt32(int.MaxValue).ToString("x", CultureInfo.InvariantCulture);
    }
}

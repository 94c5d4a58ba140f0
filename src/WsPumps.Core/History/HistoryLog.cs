using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.History;

/// <summary>
/// The history of one group as this server sees it: what was delivered last, and whether what comes follows it. Where the store cannot be
/// reached, messages go on without a place, and the history begins again when it is back. Except for reading, used in turns.
/// </summary>
internal sealed partial class HistoryLog(string group, HistoryOptions options, IHistoryStore store, TimeProvider time, ILogger logger)
{
    /// <summary>How long the store may take.</summary>
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long it is left alone after it has failed.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private string? _epoch;
    private HistoryOffset _last;
    private bool _isBroken;
    private bool _isBehind;
    private long? _failedAt;

    /// <summary>Fires for a call that took too long. The same for all that did not.</summary>
    private CancellationTokenSource _givenUp = new();

    /// <summary>A message goes without a place: who comes back with an earlier one must be told.</summary>
    public void Break() => Volatile.Write(ref _isBroken, true);

    public async ValueTask<HistoryAppend> AppendAsync(PreparedMessage message)
    {
        if (_failedAt is { } failedAt && time.GetElapsedTime(failedAt) < RetryAfter)
            return new HistoryAppend(null, []);

        HistoryEntry entry;
        try
        {
            entry = await InTimeAsync(store.AppendAsync(group, message, options, Volatile.Read(ref _isBroken), _givenUp.Token))
                .ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.StoreFailed(logger, group, exception);
            Break();
            _failedAt = time.GetTimestamp();
            return new HistoryAppend(null, []);
        }

        _failedAt = null;
        Volatile.Write(ref _isBroken, false);
        var missed = await MissedBeforeAsync(entry).ConfigureAwait(false);
        (_epoch, _last) = (entry.Epoch, entry.Offset);
        return new HistoryAppend(entry, missed);
    }

    /// <summary>A message of another server has come, with its place.</summary>
    /// <returns>What is to be delivered: it, after what is missing before it; nothing when it was delivered already.</returns>
    public async ValueTask<IReadOnlyList<HistoryEntry>> CatchUpAsync(HistoryEntry entry)
    {
        if (entry.Epoch == _epoch && entry.Offset <= _last)
            return [];

        var missed = await MissedBeforeAsync(entry).ConfigureAwait(false);
        (_epoch, _last) = (entry.Epoch, entry.Offset);
        return [.. missed, entry];
    }

    /// <summary>
    /// A client has got all up to a place: what has not come here yet must not reach it a second time, so it is fetched for the others.
    /// </summary>
    /// <returns>What is to be delivered.</returns>
    public async ValueTask<IReadOnlyList<HistoryEntry>> CatchUpAsync(HistoryLogRead read)
    {
        if (read.Epoch is null || (read.Epoch == _epoch && read.Last <= _last))
            return [];

        var missed = read.Epoch == _epoch ? await ReadAfterLastAsync(read.Epoch).ConfigureAwait(false) : [];
        // Rather twice for the one than never for the others.
        if (missed is null)
            return [];

        (_epoch, _last) = (read.Epoch, missed.Count > 0 && missed[^1].Offset > read.Last ? missed[^1].Offset : read.Last);
        return _isBehind ? [.. missed, .. await CatchUpAsync().ConfigureAwait(false)] : missed;
    }

    /// <summary>Messages of other servers may have gone by unheard.</summary>
    /// <returns>What is to be delivered.</returns>
    public async ValueTask<IReadOnlyList<HistoryEntry>> CatchUpAsync()
    {
        // Where nothing is known yet after which they would come, the first client is on its way: what it has read says so.
        _isBehind = _epoch is null;
        if (_epoch is null)
            return [];

        var missed = await ReadAfterLastAsync(_epoch).ConfigureAwait(false) ?? [];
        if (missed.Count > 0)
            _last = missed[^1].Offset;
        return missed;
    }

    /// <summary>What comes after a position. May be called at any time.</summary>
    public async ValueTask<HistoryLogRead> ReadAsync(HistoryPosition? after, CancellationToken cancellationToken)
    {
        HistoryRead read;
        try
        {
            var reading = store.ReadAsync(group, after?.Offset ?? default, options, cancellationToken);
            read = reading.IsCompletedSuccessfully ? reading.Result : await reading.AsTask()
                .WaitAsync(StoreTimeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.StoreFailed(logger, group, exception);
            return new HistoryLogRead([], Epoch: null, default, IsComplete: false);
        }

        var isComplete = !Volatile.Read(ref _isBroken)
            && (after is not { } position || (position.Epoch == read.Epoch && Follows(read, position.Offset)));
        return new HistoryLogRead(isComplete ? read.Entries : [], read.Epoch, read.Last, isComplete);
    }

    /// <summary>What is sent for an entry: made once.</summary>
    public PreparedMessage Stamped(HistoryEntry entry)
    {
        if (options.Stamp is not { } stamp)
            return entry.Message;

        if (entry.Stamped is { } stamped)
            return stamped;

        try
        {
            stamped = stamp(new HistoryPosition(entry.Epoch, entry.Offset).ToString(), entry.Message);
        }
        catch (Exception exception)
        {
            Log.StampFailed(logger, group, exception);
            stamped = entry.Message;
        }

        return entry.Stamped = entry.Message.Options is { } kept && stamped.Options is null ? stamped.With(kept) : stamped;
    }

    /// <summary>Whether nothing is missing between a place and what was read after it.</summary>
    private static bool Follows(HistoryRead read, HistoryOffset after) => read.Entries.Count > 0
        ? read.Entries[0].Previous == after : read.Last == after;

    private async ValueTask<IReadOnlyList<HistoryEntry>> MissedBeforeAsync(HistoryEntry entry)
    {
        // At first, and in a new history, there is nothing that could be missing.
        if (_epoch != entry.Epoch || entry.Previous <= _last)
            return [];

        var missed = await ReadAfterLastAsync(entry.Epoch).ConfigureAwait(false) ?? [];
        return [.. missed.Where(one => one.Offset < entry.Offset)];
    }

    /// <returns>Null when it cannot be read.</returns>
    private async ValueTask<IReadOnlyList<HistoryEntry>?> ReadAfterLastAsync(string epoch)
    {
        try
        {
            var read = await InTimeAsync(store.ReadAsync(group, _last, options, _givenUp.Token)).ConfigureAwait(false);
            return read.Epoch == epoch ? read.Entries : [];
        }
        catch (Exception exception)
        {
            Log.StoreFailed(logger, group, exception);
            return null;
        }
    }

    /// <summary>For calls in turns: of the one that takes too long, the token fires.</summary>
    private ValueTask<T> InTimeAsync<T>(ValueTask<T> call) =>
        call.IsCompletedSuccessfully ? call : new(LimitedAsync(call.AsTask()));

    private async Task<T> LimitedAsync<T>(Task<T> call)
    {
        try
        {
            return await call.WaitAsync(StoreTimeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var givenUp = _givenUp;
            _givenUp = new CancellationTokenSource();
            // What the store does then is its own affair: nobody waits for it.
            _ = CountedWork.CancelAsync(time, givenUp);
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(222, LogLevel.Warning, "The history of group {Group} cannot be reached. Messages go on without a place in it; who " +
            "comes back is told of the gap.", EventName = "HistoryUnreachable")]
        public static partial void StoreFailed(ILogger logger, string group, Exception exception);

        [LoggerMessage(223, LogLevel.Error, "The Stamp of the history of group {Group} threw. The message is sent as it was written.",
            EventName = "HistoryStampFailed")]
        public static partial void StampFailed(ILogger logger, string group, Exception exception);
    }
}

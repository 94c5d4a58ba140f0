using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.History;

/// <summary>
/// A group whose last messages are kept. All that happens to it takes turns, in order and one at a time, whoever asks for it: that is why
/// a client that joins meanwhile misses none and gets none twice. No lock is held during a turn, and nobody waits for one but who joins.
/// </summary>
internal sealed partial class GroupHistory
{
    /// <summary>So much is written to a client without waiting, as the last step of its join.</summary>
    private const int FewWaiting = 16;

    private readonly HistoryTurns _turns;
    private readonly List<HistoryJoin> _joining = [];
    private readonly string _group;
    private readonly bool _isShared;
    private readonly IGroupMembers _members;
    private readonly HistoryLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public GroupHistory(string group, HistoryOptions options, IHistoryStore store, bool isShared, IGroupMembers members, TimeProvider time,
        ILogger logger)
    {
        (_group, Options, _isShared, _members, _time, _logger) = (group, options, isShared, members, time, logger);
        _log = new HistoryLog(group, options, store, time, logger);
        _turns = new HistoryTurns(TakeAsync, exception => Log.Failed(logger, group, exception));
    }

    public HistoryOptions Options { get; }

    /// <summary>Never waits. The result tells no counts when the turn comes later, on another thread.</summary>
    public BroadcastResult Write(IReadOnlyCollection<string> excluded, PreparedMessage message)
    {
        var turn = new HistoryTurn.Write(excluded, message, isAwaited: false);
        Add(turn);
        return turn.Result ?? default;
    }

    /// <summary>
    /// Waits for the turn of the message and for the store, for no queue. The token counts until the turn has come; then the message is the
    /// store's, and nobody can take it back.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token fired first. The message went nowhere.</exception>
    public async ValueTask<BroadcastResult> WriteAsync(IReadOnlyCollection<string> excluded, PreparedMessage message,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var turn = new HistoryTurn.Write(excluded, message, isAwaited: true);
        Add(turn);
        if (turn.Result is { } result)
            return result;

        using (cancellationToken.UnsafeRegister(static (turn, token) => ((HistoryTurn.Write)turn!).Withdraw(token), turn))
            return await CountedWork.Until(_time, turn.Ended).ConfigureAwait(false);
    }

    public void Arrived(IReadOnlyCollection<string> excluded, PreparedMessage message, HistoryEntry? entry) =>
        Add(new HistoryTurn.Arrival(excluded, message, entry));

    /// <summary>
    /// Messages of other servers may have gone by unheard. Where too much waits for its turn, the next one that comes brings them along.
    /// </summary>
    public void CatchUp() => _turns.TryAdd(new HistoryTurn.CatchUp());

    /// <exception cref="ArgumentException"><paramref name="after"/> is no position.</exception>
    /// <exception cref="OperationCanceledException">The token fired first. The client did not join.</exception>
    public async ValueTask<HistoryResult> JoinAsync(IClient client, string? after, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var position = after is null ? (HistoryPosition?)null : HistoryPosition.Parse(after);
        var join = new HistoryJoin(client, Math.Max(1000, Options.Count));
        var begin = new HistoryTurn.BeginJoin(join);
        Add(begin);
        await CountedWork.Await(_time, begin.Done.Task);

        var isMember = false;
        try
        {
            // After the begin, so that there is nothing between what is read and what waits.
            var read = await _log.ReadAsync(position, cancellationToken).ConfigureAwait(false);
            var replayed = await ReplayAsync(client, read, cancellationToken).ConfigureAwait(false);
            isMember = replayed is not null && await EndAsync(join, read, cancellationToken).ConfigureAwait(false);
            return new HistoryResult
            {
                Status = !isMember ? HistoryStatus.NotJoined : read.IsComplete ? HistoryStatus.Complete : HistoryStatus.Gap,
                Replayed = replayed ?? 0,
                Position = read.Position,
            };
        }
        finally
        {
            if (!isMember)
                Add(new HistoryTurn.EndJoin(join, read: null));
        }
    }

    /// <returns>How many were written; null when the client has gone.</returns>
    private async ValueTask<int?> ReplayAsync(IClient client, HistoryLogRead read, CancellationToken cancellationToken)
    {
        foreach (var entry in read.Entries)
        {
            if (await client.WriteAsync(_log.Stamped(entry), cancellationToken).ConfigureAwait(false) is not WriteResult.Queued)
                return null;
        }

        return read.Entries.Count;
    }

    private async ValueTask<bool> EndAsync(HistoryJoin join, HistoryLogRead read, CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = new HistoryTurn.EndJoin(join, read);
            Add(end);
            if (await CountedWork.Until(_time, end.Done.Task).ConfigureAwait(false) is not { } waiting)
                return !join.HasOverflown && !join.Client.Completion.IsCompleted;

            foreach (var message in waiting)
            {
                if (await join.Client.WriteAsync(message, cancellationToken).ConfigureAwait(false) is not WriteResult.Queued)
                    return false;
            }
        }
    }

    private void Add(HistoryTurn turn)
    {
        if (_turns.TryAdd(turn))
            return;

        (turn as HistoryTurn.Write)?.End(default);
        _log.Break();
        Log.TooMany(_logger, _group, HistoryTurns.Max);
    }

    private async ValueTask TakeAsync(HistoryTurn turn)
    {
        switch (turn)
        {
            case HistoryTurn.Write write:
                if (write.TryBegin())
                    await WriteAsync(write).ConfigureAwait(false);
                break;
            case HistoryTurn.Arrival arrival:
                await ArriveAsync(arrival).ConfigureAwait(false);
                break;
            case HistoryTurn.CatchUp:
                await CatchUpAsync().ConfigureAwait(false);
                break;
            case HistoryTurn.BeginJoin begin:
                _members.Leave(begin.Join.Client);
                _joining.Add(begin.Join);
                begin.Done.SetResult();
                break;
            case HistoryTurn.EndJoin end:
                await EndAsync(end).ConfigureAwait(false);
                break;
        }
    }

    private async ValueTask WriteAsync(HistoryTurn.Write write)
    {
        var result = default(BroadcastResult);
        try
        {
            var appended = await _log.AppendAsync(write.Message).ConfigureAwait(false);
            foreach (var missed in appended.Missed)
                Deliver([], _log.Stamped(missed), missed.Offset);

            var message = appended.Entry is { } entry ? _log.Stamped(entry) : write.Message;
            result = Deliver(write.Excluded, message, appended.Entry?.Offset);
            result = result with { Published = _members.Publish(write.Excluded, write.Message, _isShared ? appended.Entry : null) };
        }
        finally
        {
            write.End(result);
        }
    }

    private async ValueTask ArriveAsync(HistoryTurn.Arrival arrival)
    {
        if (!_isShared)
        {
            var appended = await _log.AppendAsync(arrival.Message).ConfigureAwait(false);
            Deliver(arrival.Excluded, appended.Entry is { } own ? _log.Stamped(own) : arrival.Message, appended.Entry?.Offset);
            return;
        }

        if (arrival.Entry is not { } entry)
        {
            // The other could not reach the history: this one passes on what it got.
            Deliver(arrival.Excluded, arrival.Message, offset: null);
            return;
        }

        foreach (var next in await _log.CatchUpAsync(entry).ConfigureAwait(false))
            Deliver(next == entry ? arrival.Excluded : [], _log.Stamped(next), next.Offset);
    }

    private async ValueTask CatchUpAsync()
    {
        if (_joining.Count == 0 && _members.IsEmpty)
            return;

        foreach (var missed in await _log.CatchUpAsync().ConfigureAwait(false))
            Deliver([], _log.Stamped(missed), missed.Offset);
    }

    private BroadcastResult Deliver(IReadOnlyCollection<string> excluded, PreparedMessage message, HistoryOffset? offset)
    {
        foreach (var join in _joining)
        {
            if (!excluded.Contains(join.Client.Id))
                join.Add(offset, message);
        }

        return _members.Write(excluded, message);
    }

    private async ValueTask EndAsync(HistoryTurn.EndJoin end)
    {
        if (end.Read is not { } read || end.Join.HasOverflown)
        {
            _joining.Remove(end.Join);
            end.Done.SetResult(null);
            return;
        }

        foreach (var missed in await _log.CatchUpAsync(read).ConfigureAwait(false))
            Deliver([], _log.Stamped(missed), missed.Offset);
        var waiting = end.Join.Take(read.Last);
        if (waiting.Count > FewWaiting)
        {
            end.Done.SetResult(waiting);
            return;
        }

        foreach (var message in waiting)
            end.Join.Client.Write(message);
        _joining.Remove(end.Join);
        _members.Join(end.Join.Client);
        end.Done.SetResult(null);
    }

    private static partial class Log
    {
        [LoggerMessage(220, LogLevel.Error, "The history of group {Group} could not do what it was asked for.",
            EventName = "HistoryFailed")]
        public static partial void Failed(ILogger logger, string group, Exception exception);

        [LoggerMessage(221, LogLevel.Warning, "More than {Turns} messages wait for the history of group {Group}. One is dropped, and the " +
            "history begins anew.", EventName = "HistoryTooMany")]
        public static partial void TooMany(ILogger logger, string group, int turns);
    }
}

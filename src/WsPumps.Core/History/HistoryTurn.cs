namespace WsPumps.History;

/// <summary>One thing to do with a group that has a history.</summary>
internal abstract class HistoryTurn
{
    /// <summary>A message of this server.</summary>
    /// <param name="excluded">Who does not get it.</param>
    /// <param name="message">The message.</param>
    /// <param name="isAwaited">Whether <see cref="Ended"/> completes.</param>
    public sealed class Write(IReadOnlyCollection<string> excluded, PreparedMessage message, bool isAwaited) : HistoryTurn
    {
        private readonly TaskCompletionSource<BroadcastResult>? _ended =
            isAwaited ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;

        private BroadcastResult _result;
        private volatile bool _hasEnded;
        private int _isTaken;

        public IReadOnlyCollection<string> Excluded => excluded;

        public PreparedMessage Message => message;

        /// <summary>What became of it; null as long as it waits for its turn, or for the store.</summary>
        public BroadcastResult? Result => _hasEnded ? _result : null;

        public Task<BroadcastResult> Ended => _ended!.Task;

        /// <returns>False when it was withdrawn.</returns>
        public bool TryBegin() => Interlocked.Exchange(ref _isTaken, 1) == 0;

        /// <summary>Whoever wrote it has given up: without effect once its turn has come.</summary>
        public void Withdraw(CancellationToken cancellationToken)
        {
            if (TryBegin())
                _ended!.TrySetCanceled(cancellationToken);
        }

        public void End(BroadcastResult result)
        {
            _result = result;
            _hasEnded = true;
            _ended?.TrySetResult(result);
        }
    }

    /// <summary>A message of another server.</summary>
    /// <param name="excluded">Who does not get it.</param>
    /// <param name="message">The message.</param>
    /// <param name="entry">Its place in the history all servers share; null where each has its own, or the other could not reach the
    /// history.</param>
    public sealed class Arrival(IReadOnlyCollection<string> excluded, PreparedMessage message, HistoryEntry? entry) : HistoryTurn
    {
        public IReadOnlyCollection<string> Excluded => excluded;

        public PreparedMessage Message => message;

        public HistoryEntry? Entry => entry;
    }

    /// <summary>Messages of other servers may have gone by unheard.</summary>
    public sealed class CatchUp : HistoryTurn;

    /// <summary>A client begins to join: what comes from now on waits for it.</summary>
    public sealed class BeginJoin(HistoryJoin join) : HistoryTurn
    {
        public HistoryJoin Join => join;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A client has got what came before, and takes what has waited; when that is little, it becomes a member.</summary>
    /// <param name="join">The client.</param>
    /// <param name="read">What it has got; null when it gives up.</param>
    public sealed class EndJoin(HistoryJoin join, HistoryLogRead? read) : HistoryTurn
    {
        public HistoryJoin Join => join;

        public HistoryLogRead? Read => read;

        /// <summary>What it has to take first, or null once it is a member.</summary>
        public TaskCompletionSource<List<PreparedMessage>?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

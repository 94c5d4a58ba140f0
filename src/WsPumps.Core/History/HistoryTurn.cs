namespace WsPumps.History;

/// <summary>One thing to do with a group that has a history.</summary>
internal abstract class HistoryTurn
{
    /// <summary>A message of this server.</summary>
    public sealed class Write(IReadOnlyCollection<string> excluded, PreparedMessage message) : HistoryTurn
    {
        public IReadOnlyCollection<string> Excluded => excluded;

        public PreparedMessage Message => message;

        /// <summary>What became of it, once its turn has come.</summary>
        public BroadcastResult? Result { get; set; }
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

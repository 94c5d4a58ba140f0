namespace WsPumps;

/// <summary>
/// Keeps the last messages of groups. One store serves all groups; what one server appends can be read by all servers that share the store.
/// </summary>
/// <remarks>
/// Calls of <see cref="AppendAsync"/> that one server makes for one group do not overlap; <see cref="ReadAsync"/> may be called at any
/// time. What they throw is logged: the message then goes on without a place, or the client that joins gets new messages only. A call that
/// takes longer than a second counts as failed.
/// </remarks>
public interface IHistoryStore
{
    /// <summary>Appends a message, and assigns its place. Drops what exceeds the bounds of the options.</summary>
    /// <param name="group">The group.</param>
    /// <param name="message">The message.</param>
    /// <param name="options">How much is kept, and for how long.</param>
    /// <param name="beginAnew">
    /// Whether to drop everything kept so far and begin a new epoch, because messages are missing in between.
    /// </param>
    /// <param name="cancellationToken">
    /// Fires when the call has taken a second, and never because the writer has given up: from this call on, a message cannot be taken
    /// back. What is appended nevertheless counts as missing; the next call begins a new epoch.
    /// </param>
    ValueTask<HistoryEntry> AppendAsync(string group, PreparedMessage message, HistoryOptions options, bool beginAnew,
        CancellationToken cancellationToken);

    /// <summary>Reads what is kept after a place.</summary>
    /// <param name="group">The group.</param>
    /// <param name="after">The place; the default for everything.</param>
    /// <param name="options">How much is kept, and for how long.</param>
    /// <param name="cancellationToken">Fires when nobody waits any longer: a client has given up joining, for example.</param>
    ValueTask<HistoryRead> ReadAsync(string group, HistoryOffset after, HistoryOptions options, CancellationToken cancellationToken);
}

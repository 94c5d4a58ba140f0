namespace WsPumps;

/// <summary>Keeps the last messages of groups. One store serves all groups; what one server appends, all read that share it.</summary>
/// <remarks>
/// For one group, one server calls <see cref="AppendAsync"/> one at a time; <see cref="ReadAsync"/> is called at any time.
/// </remarks>
public interface IHistoryStore
{
    /// <summary>Appends a message, and gives it its place. Drops what is over the bounds of the options.</summary>
    /// <param name="group">The group.</param>
    /// <param name="message">The message.</param>
    /// <param name="options">What is kept.</param>
    /// <param name="beginAnew">Whether all of before is dropped and a new epoch begun: messages are missing in between.</param>
    /// <param name="cancellationToken">Fires when it takes too long.</param>
    ValueTask<HistoryEntry> AppendAsync(string group, PreparedMessage message, HistoryOptions options, bool beginAnew,
        CancellationToken cancellationToken);

    /// <summary>Reads what is kept after a place.</summary>
    /// <param name="group">The group.</param>
    /// <param name="after">The place; the default for all.</param>
    /// <param name="options">What is kept.</param>
    /// <param name="cancellationToken">Fires when it takes too long.</param>
    ValueTask<HistoryRead> ReadAsync(string group, HistoryOffset after, HistoryOptions options, CancellationToken cancellationToken);
}

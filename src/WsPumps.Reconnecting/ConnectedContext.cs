namespace WsPumps;

/// <summary>A new connection, before anything that has waited is sent on it.</summary>
public sealed class ConnectedContext
{
    private readonly Func<PreparedMessage, CancellationToken, ValueTask<WriteResult>> _write;

    internal ConnectedContext(Client connection, bool isReconnect, Func<PreparedMessage, CancellationToken, ValueTask<WriteResult>> write) =>
        (Connection, IsReconnect, _write) = (connection, isReconnect, write);

    /// <summary>Whether this is not the first connection of the client.</summary>
    public bool IsReconnect { get; }

    /// <summary>The subprotocol that the server has chosen; null for none.</summary>
    public string? SubProtocol => Connection.SubProtocol;

    /// <summary>Fires when the connection ends.</summary>
    public CancellationToken CancellationToken { get; internal init; }

    private Client Connection { get; }

    /// <summary>Writes on this connection, ahead of all that waits: a subscription, a greeting.</summary>
    /// <returns><see cref="WriteResult.Queued"/>, or <see cref="WriteResult.Closed"/> when the connection ends first.</returns>
    public ValueTask<WriteResult> WriteAsync(PreparedMessage message) => _write(message, CancellationToken);

    /// <inheritdoc cref="WriteAsync(PreparedMessage)"/>
    public ValueTask<WriteResult> WriteAsync(Message message) => _write(PreparedMessage.From(message), CancellationToken);
}

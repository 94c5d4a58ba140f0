namespace WsPumps;

/// <summary>A new connection, before any waiting message is sent on it.</summary>
public sealed class ConnectedContext
{
    private readonly Func<PreparedMessage, CancellationToken, ValueTask<WriteResult>> _write;

    internal ConnectedContext(Func<PreparedMessage, CancellationToken, ValueTask<WriteResult>> write) => _write = write;

    /// <summary>Whether this is not the first connection of the client.</summary>
    public bool IsReconnect { get; internal init; }

    /// <summary>
    /// Whether the session was resumed: nothing was lost in either direction, and subscriptions are still in effect. Always false without
    /// <see cref="ReconnectingClientOptions.Resume"/>.
    /// </summary>
    public bool IsResumed { get; internal init; }

    /// <summary>
    /// How many messages of the server are lost for good, if the session could not be resumed and the number is known; otherwise null.
    /// </summary>
    public long? MessagesMissed { get; internal init; }

    /// <summary>The subprotocol that the server has chosen; null for none.</summary>
    public string? SubProtocol { get; internal init; }

    /// <summary>Fires when the connection ends.</summary>
    public CancellationToken CancellationToken { get; internal init; }

    /// <summary>Writes on this connection, ahead of everything that waits: a subscription, a greeting.</summary>
    /// <returns><see cref="WriteResult.Queued"/>, or <see cref="WriteResult.Closed"/> when the connection ends first.</returns>
    public ValueTask<WriteResult> WriteAsync(PreparedMessage message) => _write(message, CancellationToken);

    /// <inheritdoc cref="WriteAsync(PreparedMessage)"/>
    public ValueTask<WriteResult> WriteAsync(Message message) => _write(PreparedMessage.From(message), CancellationToken);
}

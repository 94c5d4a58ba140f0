namespace WsPumps;

/// <summary>Writing text.</summary>
public static class ClientExtensions
{
    /// <summary>Queues a text message without ever waiting.</summary>
    /// <inheritdoc cref="IClient.TryWrite(PreparedMessage)"/>
    public static WriteResult TryWrite(this IClient client, string message)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.TryWrite(PreparedMessage.Text(message));
    }

    /// <summary>Queues a text message, waiting for room when the queue is full.</summary>
    /// <inheritdoc cref="IClient.WriteAsync(PreparedMessage, CancellationToken)"/>
    public static ValueTask<WriteResult> WriteAsync(this IClient client, string message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.WriteAsync(PreparedMessage.Text(message), cancellationToken);
    }
}

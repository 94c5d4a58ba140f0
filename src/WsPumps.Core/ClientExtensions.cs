namespace WsPumps;

/// <summary>Writing a message that is not prepared: it is encoded into a <see cref="PreparedMessage"/> before the call returns.</summary>
public static class ClientExtensions
{
    /// <inheritdoc cref="IClient.TryWrite"/>
    /// <remarks>The payload is copied: the caller may reuse its buffer as soon as the call returns.</remarks>
    public static WriteResult TryWrite(this IClient client, Message message)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.TryWrite(PreparedMessage.From(message));
    }

    /// <summary>Queues a text message without ever waiting.</summary>
    /// <inheritdoc cref="IClient.TryWrite"/>
    public static WriteResult TryWrite(this IClient client, string text)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.TryWrite(PreparedMessage.Text(text));
    }

    /// <inheritdoc cref="IClient.WriteAsync"/>
    /// <remarks>The payload is copied: the caller may reuse its buffer as soon as the call returns, also when it waits for room.</remarks>
    public static ValueTask<WriteResult> WriteAsync(this IClient client, Message message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.WriteAsync(PreparedMessage.From(message), cancellationToken);
    }

    /// <summary>Queues a text message, waiting for room when the queue is full.</summary>
    /// <inheritdoc cref="IClient.WriteAsync"/>
    public static ValueTask<WriteResult> WriteAsync(this IClient client, string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.WriteAsync(PreparedMessage.Text(text), cancellationToken);
    }
}

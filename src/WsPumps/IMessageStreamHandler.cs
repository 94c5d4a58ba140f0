namespace WsPumps;

/// <summary>
/// Handles the messages that an endpoint receives as streams. Each message gets an object of its own, created in a service scope that ends
/// with the message, so it can use scoped services such as a database context.
/// </summary>
public interface IMessageStreamHandler
{
    /// <inheritdoc cref="MessageStreamHandler"/>
    ValueTask HandleAsync(IClient client, IncomingMessage message, CancellationToken cancellationToken);
}

namespace WsPumps;

/// <summary>
/// Handles the messages of an endpoint. Each message gets an object of its own, created in a service scope that ends with the message, so
/// it can use scoped services such as a database context.
/// </summary>
public interface IMessageHandler
{
    /// <inheritdoc cref="MessageHandler"/>
    ValueTask HandleAsync(IClient client, Message message, CancellationToken cancellationToken);
}

namespace WsPumps;

/// <summary>
/// Handles the messages of an endpoint, in an object of its own for each message: made in a scope of services that ends with it, so that
/// it may ask for scoped services such as a database context.
/// </summary>
public interface IMessageHandler
{
    /// <inheritdoc cref="MessageHandler"/>
    ValueTask HandleAsync(IClient client, Message message, CancellationToken cancellationToken);
}

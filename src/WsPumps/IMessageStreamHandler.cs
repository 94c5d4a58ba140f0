namespace WsPumps;

/// <summary>
/// Handles the messages that an endpoint receives as streams, in an object of its own for each message: made in a scope of services that
/// ends with it, so that it may ask for scoped services such as a database context.
/// </summary>
public interface IMessageStreamHandler
{
    /// <inheritdoc cref="MessageStreamHandler"/>
    ValueTask HandleAsync(IClient client, IncomingMessage message, CancellationToken cancellationToken);
}

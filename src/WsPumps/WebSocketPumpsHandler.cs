namespace WsPumps;

/// <summary>
/// An endpoint written as a class: one object for each connection, made from the services of its request, which live as
/// long as the connection.
/// </summary>
/// <remarks>The methods are called one at a time, so what belongs to the connection can be kept in fields, without a lock; except that a method that does not return in time is not waited for, and that <see cref="OnAuthenticationExpiring"/> is called beside the others.</remarks>
public abstract class WebSocketPumpsHandler
{
    /// <inheritdoc cref="WebSocketPumpsEndpoint.Register"/>
    public virtual ValueTask OnConnectedAsync(IClient client, CancellationToken cancellationToken) => default;

    /// <inheritdoc cref="MessageHandler"/>
    public abstract ValueTask OnMessageAsync(IClient client, Message message, CancellationToken cancellationToken);

    /// <inheritdoc cref="WebSocketPumpsEndpoint.AuthenticationExpiring"/>
    public virtual void OnAuthenticationExpiring(IClient client)
    {
    }

    /// <inheritdoc cref="WebSocketPumpsEndpoint.Unregister"/>
    public virtual ValueTask OnDisconnectedAsync(IClient client) => default;
}

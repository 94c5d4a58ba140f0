namespace WsPumps;

/// <summary>
/// An endpoint written as a class: one object for each connection, created with the services of its request, which live as long as the
/// connection. For an object and services for each message, see <see cref="IMessageHandler"/>.
/// </summary>
/// <remarks>
/// The methods are called one at a time, so what belongs to the connection can be kept in fields, without a lock. There are two exceptions:
/// the endpoint stops waiting for a method that does not return in time, and <see cref="OnAuthenticationExpiringAsync"/> may run at the
/// same time as the others. Callbacks and handlers of the endpoint are called first.
/// </remarks>
public abstract class WebSocketPumpsHandler
{
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.Register(Func{RegisterContext, ValueTask})"/>
    public virtual ValueTask OnRegisterAsync(RegisterContext context) => default;

    /// <inheritdoc cref="MessageHandler"/>
    public abstract ValueTask OnMessageAsync(IClient client, Message message, CancellationToken cancellationToken);

    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.AuthenticationExpiring(Func{AuthenticationExpiringContext, ValueTask})"/>
    public virtual ValueTask OnAuthenticationExpiringAsync(AuthenticationExpiringContext context) => default;

    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.Unregister(Func{UnregisterContext, ValueTask})"/>
    public virtual ValueTask OnUnregisterAsync(UnregisterContext context) => default;
}

using WsPumps.Messages;

namespace WsPumps.Endpoints;

/// <summary>
/// The user's code for one connection: the endpoint's callbacks, and the handler object of the connection where it has one.
/// </summary>
internal sealed record ConnectionCallbacks(
    Func<RegisterContext, ValueTask>? Register,
    Func<UnregisterContext, ValueTask>? Unregister,
    Func<AuthenticationExpiringContext, ValueTask>? AuthenticationExpiring,
    IReadOnlyList<MessageHandler> Handlers)
{
    /// <summary>For all connections of an endpoint without a handler class.</summary>
    public static ConnectionCallbacks Of(WebSocketPumpsEndpointBuilder endpoint, HandlerServices services) => new(
        endpoint.Registers.InOrder(),
        endpoint.Unregisters.Each(),
        endpoint.Expirings.InOrder(),
        FilterChain.Around(HandlersOf(endpoint, services), [.. endpoint.Messages.Filters]));

    /// <summary>For one connection. What the endpoint has is called first.</summary>
    public static ConnectionCallbacks Of(WebSocketPumpsHandler handler, WebSocketPumpsEndpointBuilder endpoint,
        HandlerServices services) => new(
        endpoint.Registers.With(handler.OnRegisterAsync).InOrder(),
        endpoint.Unregisters.With(handler.OnUnregisterAsync).Each(),
        endpoint.Expirings.With(handler.OnAuthenticationExpiringAsync).InOrder(),
        FilterChain.Around(
            [.. endpoint.Messages.Handlers.Select(make => make(services)), handler.OnMessageAsync], [.. endpoint.Messages.Filters]));

    /// <summary>
    /// The handlers are promised the client that the factory made. One that lends another's pumps may pass the other to them.
    /// </summary>
    public ConnectionCallbacks For(IClient client) => this with
    {
        Handlers = [.. Handlers.Select(MessageHandler (handler) => (_, message, cancellationToken) => handler(client, message,
            cancellationToken))],
    };

    private static MessageHandler[] HandlersOf(WebSocketPumpsEndpointBuilder endpoint, HandlerServices services) =>
        endpoint.Messages.Handlers.Count > 0
        ? [.. endpoint.Messages.Handlers.Select(make => make(services))]
        : [new UnhandledMessages(services.Logger).HandleAsync];
}

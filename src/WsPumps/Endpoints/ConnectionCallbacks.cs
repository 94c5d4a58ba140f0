using Microsoft.Extensions.Logging;

namespace WsPumps.Endpoints;

/// <summary>The user's code for one connection: from the endpoint's callbacks, or from the handler object of the connection.</summary>
internal sealed record ConnectionCallbacks(
    Func<IClient, CancellationToken, ValueTask>? Register,
    Func<IClient, ValueTask>? Unregister,
    IReadOnlyList<MessageHandler> Handlers,
    Action<IClient>? AuthenticationExpiring)
{
    public static ConnectionCallbacks Of(WebSocketPumpsEndpoint endpoint, ILogger logger) => new(
        endpoint.Register,
        endpoint.Unregister,
        endpoint.Handlers.Count > 0 ? [.. endpoint.Handlers] : [new UnhandledMessages(logger).HandleAsync],
        endpoint.AuthenticationExpiring);

    public static ConnectionCallbacks Of(WebSocketPumpsHandler handler) =>
        new(handler.OnConnectedAsync, handler.OnDisconnectedAsync, [handler.OnMessageAsync], handler.OnAuthenticationExpiring);

    /// <summary>
    /// A client that wraps another lends it its pumps, and the inner one would pass itself to the handlers. They are promised
    /// the client that the factory made.
    /// </summary>
    public IReadOnlyList<MessageHandler> HandlersFor(IClient client) => client is Client
        ? Handlers
        : [.. Handlers.Select(MessageHandler (handler) => (_, message, cancellationToken) => handler(client, message, cancellationToken))];
}

using System.Diagnostics.CodeAnalysis;
using WsPumps;
using WsPumps.Messages;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Shorter ways to say what an endpoint does: callbacks that return nothing, or end with a write.</summary>
public static class WebSocketPumpsEndpointBuilderExtensions
{
    /// <summary>Adds a setup callback that is done when it returns.</summary>
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.Setup"/>
    public static WebSocketPumpsEndpointBuilder Setup(this WebSocketPumpsEndpointBuilder endpoint, Action<ConnectionSetup> setup) =>
        Checked(endpoint).Setup(Done(setup));

    /// <summary>Says how the client of an accepted connection is made, without waiting for anything.</summary>
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.Factory"/>
    public static WebSocketPumpsEndpointBuilder Factory(this WebSocketPumpsEndpointBuilder endpoint, Func<ClientFactoryContext, IClient> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Checked(endpoint).Factory(context => ValueTask.FromResult(factory(context)));
    }

    /// <summary>Adds a register callback that is done when it returns.</summary>
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.Register"/>
    public static WebSocketPumpsEndpointBuilder Register(this WebSocketPumpsEndpointBuilder endpoint, Action<RegisterContext> register) =>
        Checked(endpoint).Register(Done(register));

    /// <summary>Adds a register callback that ends with a write.</summary>
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.Register"/>
    public static WebSocketPumpsEndpointBuilder Register(this WebSocketPumpsEndpointBuilder endpoint, Func<RegisterContext, ValueTask<WriteResult>> register)
    {
        ArgumentNullException.ThrowIfNull(register);
        return Checked(endpoint).Register(context => Written.Done(register(context)));
    }

    /// <summary>Adds an unregister callback that is done when it returns.</summary>
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.Unregister"/>
    public static WebSocketPumpsEndpointBuilder Unregister(this WebSocketPumpsEndpointBuilder endpoint, Action<UnregisterContext> unregister) =>
        Checked(endpoint).Unregister(Done(unregister));

    /// <summary>Adds a callback, done when it returns, for when the user's authentication expires soon.</summary>
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.AuthenticationExpiring"/>
    public static WebSocketPumpsEndpointBuilder AuthenticationExpiring(this WebSocketPumpsEndpointBuilder endpoint, Action<AuthenticationExpiringContext> expiring) =>
        Checked(endpoint).AuthenticationExpiring(Done(expiring));

    /// <summary>Adds a callback, which ends with a write, for when the user's authentication expires soon.</summary>
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.AuthenticationExpiring"/>
    public static WebSocketPumpsEndpointBuilder AuthenticationExpiring(
        this WebSocketPumpsEndpointBuilder endpoint, Func<AuthenticationExpiringContext, ValueTask<WriteResult>> expiring)
    {
        ArgumentNullException.ThrowIfNull(expiring);
        return Checked(endpoint).AuthenticationExpiring(context => Written.Done(expiring(context)));
    }

    /// <summary>Adds a handler that is done when it returns.</summary>
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.OnMessage"/>
    public static WebSocketPumpsEndpointBuilder OnMessage(this WebSocketPumpsEndpointBuilder endpoint, Action<IClient, Message, CancellationToken> handler) =>
        Checked(endpoint).OnMessage(Written.Handler(handler));

    /// <summary>Adds a handler that ends with a write.</summary>
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.OnMessage"/>
    public static WebSocketPumpsEndpointBuilder OnMessage(
        this WebSocketPumpsEndpointBuilder endpoint, Func<IClient, Message, CancellationToken, ValueTask<WriteResult>> handler) =>
        Checked(endpoint).OnMessage(Written.Handler(handler));

    /// <summary>Adds a handler class of which there is an object for each message, made in a scope of services that ends with the message.</summary>
    /// <typeparam name="THandler">The class. Taken from the services of the scope when it is registered there, else made with arguments from them.</typeparam>
    /// <inheritdoc cref="WebSocketPumpsEndpointBuilder.OnMessage"/>
    public static WebSocketPumpsEndpointBuilder OnMessage<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this WebSocketPumpsEndpointBuilder endpoint)
        where THandler : class, IMessageHandler
    {
        Checked(endpoint).Handlers.Add(static services => new ScopedHandler<THandler>(services.Scopes).HandleAsync);
        return endpoint;
    }

    private static WebSocketPumpsEndpointBuilder Checked(WebSocketPumpsEndpointBuilder endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint;
    }

    private static Func<T, ValueTask> Done<T>(Action<T> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return context =>
        {
            callback(context);
            return default;
        };
    }
}

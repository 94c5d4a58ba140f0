using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using WsPumps.Hosting;

namespace WsPumps.Messages;

/// <summary>What becomes of the messages that an endpoint receives.</summary>
internal sealed class EndpointMessages(Mapping mapping)
{
    public IList<Func<HandlerServices, MessageHandler>> Handlers { get; } = new MappedList<Func<HandlerServices, MessageHandler>>(mapping);

    public IList<MessageFilter> Filters { get; } = new MappedList<MessageFilter>(mapping);

    /// <summary>Who gets messages as streams; null for nobody.</summary>
    public Func<HandlerServices, MessageStreamHandler>? StreamHandler { get; private set; }

    /// <summary>What <see cref="StreamHandler"/> makes an object of; null where it is none of a class.</summary>
    public Type? StreamHandlerClass { get; private set; }

    /// <summary>Which messages are streamed; null for all of them.</summary>
    public WebSocketMessageType? StreamedType { get; private set; }

    /// <summary>The JSON messages; null where there is no handler for any.</summary>
    public JsonMessages? Json { get; private set; }

    public void Add(MessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Handlers.Add(_ => handler);
    }

    public void Add(MessageFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        Filters.Add(filter);
    }

    /// <summary>A handler class of which there is an object for each message.</summary>
    public void Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where THandler : class, IMessageHandler => Handlers.Add(static services =>
        {
            var handlers = new ScopedHandlers<THandler>(services.Scopes);
            return (client, message, token) => handlers.HandleAsync(
                static (handler, client, message, token) => handler.HandleAsync(client, message, token), client, message, token);
        });

    /// <summary>They are one handler, which stands where the first of them was added.</summary>
    public JsonMessages AddJson()
    {
        if (mapping.Open(Json) is { } json)
            return json;

        json = Json = new JsonMessages();
        Handlers.Add(services => json.HandlerFor(services.Logger, isOnly: Handlers.Count == 1 && !services.HasHandlerClass));
        return json;
    }

    public void StreamTo(MessageStreamHandler handler, WebSocketMessageType? type)
    {
        ArgumentNullException.ThrowIfNull(handler);
        StreamTo(_ => handler, type);
    }

    /// <summary>A handler class of which there is an object for each message.</summary>
    public void StreamTo<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        WebSocketMessageType? type)
        where THandler : class, IMessageStreamHandler
    {
        StreamTo(
            static services =>
            {
                var handlers = new ScopedHandlers<THandler>(services.Scopes);
                return (client, message, token) => handlers.HandleAsync(
                    static (handler, client, message, token) => handler.HandleAsync(client, message, token), client, message, token);
            },
            type);
        StreamHandlerClass = typeof(THandler);
    }

    /// <param name="hasHandlerClass">Whether the endpoint has a handler class as well.</param>
    /// <exception cref="InvalidOperationException">There is a handler that no message can reach.</exception>
    public void ThrowIfUnreachable(bool hasHandlerClass)
    {
        if (StreamHandler is null || StreamedType is not null || (Handlers.Count == 0 && !hasHandlerClass))
            return;

        const string Stream = nameof(WebSocketPumpsEndpointBuilder.OnMessageStream);
        throw new InvalidOperationException($"The endpoint streams all messages ({Stream}), so its other handlers would never be called. " +
            $"Stream one type, as with {Stream}(handler, WebSocketMessageType.Binary), or remove the others.");
    }

    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither text nor binary.</exception>
    /// <exception cref="InvalidOperationException">There is such a handler.</exception>
    private void StreamTo(Func<HandlerServices, MessageStreamHandler> handler, WebSocketMessageType? type)
    {
        if (type is WebSocketMessageType.Close)
            throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary. Null is both.");
        if (StreamHandler is not null)
            throw new InvalidOperationException("The endpoint streams messages to a handler already, and one can be read only once.");

        (StreamHandler, StreamedType) = (mapping.Open(handler), type);
    }
}

using System.Net.WebSockets;

namespace WsPumps.Messages;

/// <summary>What becomes of the messages that an endpoint receives.</summary>
internal sealed class EndpointMessages
{
    public List<Func<HandlerServices, MessageHandler>> Handlers { get; } = [];

    public List<MessageFilter> Filters { get; } = [];

    /// <summary>Who gets messages as streams; null for nobody.</summary>
    public Func<HandlerServices, MessageStreamHandler>? StreamHandler { get; private set; }

    /// <summary>What <see cref="StreamHandler"/> makes an object of; null where it is none of a class.</summary>
    public Type? StreamHandlerClass { get; private set; }

    /// <summary>Which messages are streamed; null for all of them.</summary>
    public WebSocketMessageType? StreamedType { get; private set; }

    /// <summary>The JSON messages; null where there is no handler for any.</summary>
    public JsonMessages? Json { get; private set; }

    /// <summary>They are one handler, which stands where the first of them was added.</summary>
    public JsonMessages AddJson()
    {
        if (Json is { } json)
            return json;

        json = Json = new JsonMessages();
        Handlers.Add(services => json.HandlerFor(services.Logger));
        return json;
    }

    /// <exception cref="InvalidOperationException">There is such a handler.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither text nor binary.</exception>
    public void StreamTo(Func<HandlerServices, MessageStreamHandler> handler, WebSocketMessageType? type, Type? handlerClass = null)
    {
        if (type is WebSocketMessageType.Close)
            throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary. Null is both.");
        if (StreamHandler is not null)
            throw new InvalidOperationException("The endpoint streams messages to a handler already, and one can be read only once.");

        (StreamHandler, StreamedType, StreamHandlerClass) = (handler, type, handlerClass);
    }

    /// <param name="hasHandlerClass">Whether the endpoint has a handler class as well.</param>
    /// <exception cref="InvalidOperationException">There is a handler that no message can reach.</exception>
    public void ThrowIfUnreachable(bool hasHandlerClass)
    {
        if (StreamHandler is null || StreamedType is not null || (Handlers.Count == 0 && !hasHandlerClass))
            return;

        const string Stream = nameof(WebSocketPumpsEndpointBuilderMessageExtensions.OnMessageStream);
        throw new InvalidOperationException($"The endpoint streams all messages ({Stream}), so its other handlers would never be called. " +
            $"Stream one type, as with {Stream}(handler, WebSocketMessageType.Binary), or remove the others.");
    }
}

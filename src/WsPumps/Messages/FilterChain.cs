namespace WsPumps.Messages;

/// <summary>Puts the filters of an endpoint around its handlers. An endpoint without filters has none of this on its way.</summary>
internal static class FilterChain
{
    public static IReadOnlyList<MessageHandler> Around(IReadOnlyList<MessageHandler> handlers, IReadOnlyList<MessageFilter> filters)
    {
        if (filters.Count == 0)
            return handlers;

        var chain = handlers.Count == 1 ? handlers[0] : InOrder([.. handlers]);
        for (var i = filters.Count - 1; i >= 0; i--)
            chain = Around(chain, filters[i]);
        return [chain];
    }

    private static MessageHandler Around(MessageHandler next, MessageFilter filter) =>
        (client, message, cancellationToken) => filter(client, message, next, cancellationToken);

    private static MessageHandler InOrder(MessageHandler[] handlers) => async (client, message, cancellationToken) =>
    {
        foreach (var handler in handlers)
            await handler(client, message, cancellationToken);
    };
}

using Microsoft.Extensions.Logging;

namespace WsPumps.Messages;

/// <summary>Stands in for the handlers of an endpoint that has none, as one that only writes: says so when a message comes, once.</summary>
internal sealed partial class UnhandledMessages(ILogger logger)
{
    private bool _isTold;

    public ValueTask HandleAsync(IClient client, Message message, CancellationToken cancellationToken)
    {
        if (!Volatile.Read(ref _isTold) && !Interlocked.Exchange(ref _isTold, true))
            Log.Discarded(logger, client.Id);
        return default;
    }

    private static partial class Log
    {
        [LoggerMessage(137, LogLevel.Warning,
            "Connection {ConnectionId} sent a message, but its endpoint has no handler. It is discarded, and so are all further ones of " +
            "this connection. Add one with OnMessage, OnJson or a handler class.",
            EventName = "MessageUnhandled")]
        public static partial void Discarded(ILogger logger, string connectionId);
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace WsPumps;

/// <summary>A <see cref="Manager"/> that writes one message to every client.</summary>
public sealed partial class Broadcaster : Manager
{
    private readonly ILogger _logger;

    /// <inheritdoc cref="Manager(TimeSpan?, TimeProvider?, ILogger?)"/>
    public Broadcaster(TimeSpan? drainTimeout = null, TimeProvider? timeProvider = null, ILogger? logger = null)
        : base(drainTimeout, timeProvider, logger) => _logger = logger ?? NullLogger.Instance;

    /// <summary>
    /// Queues the message for every client. Never waits and never throws for a client: a slow one is treated by the rule
    /// of its own queue. Two broadcasts by one caller reach every client in that order.
    /// </summary>
    /// <returns>How many clients took it, and how many did not.</returns>
    public BroadcastResult Broadcast(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);

        int queued = 0, dropped = 0, closed = 0;
        foreach (var client in Clients)
        {
            switch (Write(client, message))
            {
                case WriteResult.Queued:
                    queued++;
                    break;
                case WriteResult.Closed:
                    closed++;
                    break;
                default:
                    dropped++;
                    break;
            }
        }

        return new BroadcastResult(queued, dropped, closed);
    }

    /// <summary>Encodes the message once and queues it for every client. The payload is copied before the call returns.</summary>
    /// <inheritdoc cref="Broadcast(PreparedMessage)"/>
    public BroadcastResult Broadcast(Message message) => Broadcast(PreparedMessage.From(message));

    /// <summary>Encodes the text once and queues it for every client.</summary>
    /// <inheritdoc cref="Broadcast(PreparedMessage)"/>
    public BroadcastResult Broadcast(string text) => Broadcast(PreparedMessage.Text(text));

    /// <summary>A client of the user's own may break the contract and throw; the others must not notice.</summary>
    private WriteResult Write(IClient client, PreparedMessage message)
    {
        try
        {
            return client.TryWrite(message);
        }
        catch (Exception exception)
        {
            Log.WriteFailed(_logger, client.Id, exception);
            return WriteResult.Dropped;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Error, "Connection {ConnectionId}: TryWrite threw during a broadcast. It must return a result instead.", EventName = "BroadcastWriteFailed")]
        public static partial void WriteFailed(ILogger logger, string connectionId, Exception exception);
    }
}

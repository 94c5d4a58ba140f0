using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Streaming;

namespace WsPumps.Lifetime;

/// <summary>What a message that is streamed to the peer tells its connection. Made for each such message.</summary>
internal sealed partial class StreamOwner(Connection connection, ILogger logger) : IStreamOwner
{
    public string Id => connection.Client.Id;

    /// <exception cref="ArgumentOutOfRangeException">The type is none of a message.</exception>
    /// <exception cref="IOException">No connection serves the session, or this one ends.</exception>
    /// <exception cref="InvalidOperationException">Another message is being streamed.</exception>
    public static MessageStream Open(Connection connection, WebSocketMessageType type, ILogger logger, CancellationToken cancellationToken)
    {
        if (type is not (WebSocketMessageType.Text or WebSocketMessageType.Binary))
            throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary; a close is sent with CloseAsync.");

        cancellationToken.ThrowIfCancellationRequested();
        return connection.Session is { IsAway: true }
            ? throw new IOException($"Client {connection.Client.Id} is away: a message can be streamed when its peer is back.")
            : OutgoingMessage.Open(type, connection.Outbound, new StreamOwner(connection, logger), connection.Transport.FragmentSize,
                connection.Time as IWorkCounter);
    }

    public void Abandoned()
    {
        Log.MessageAbandoned(logger, Id);
        connection.Abort(DisconnectCause.Without(DisconnectReason.MessageAbandoned));
    }

    private static partial class Log
    {
        [LoggerMessage(39, LogLevel.Warning, "Connection {ConnectionId}: a message that was being streamed was disposed before " +
            "CompleteAsync. What was sent of it cannot be taken back, so the connection is aborted.", EventName = "MessageAbandoned")]
        public static partial void MessageAbandoned(ILogger logger, string connectionId);
    }
}

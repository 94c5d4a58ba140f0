using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Inbound;
using WsPumps.Streaming;

namespace WsPumps.Lifetime;

/// <content>Messages that are streamed to the peer, or by it.</content>
internal sealed partial class Connection : IStreamOwner
{
    private readonly StreamedInput? _streamed;

    string IStreamOwner.Id => _client.Id;

    /// <exception cref="IOException">No connection serves the session, or this one ends.</exception>
    /// <exception cref="InvalidOperationException">Another message is being streamed.</exception>
    public MessageStream OpenMessage(WebSocketMessageType type) => IsAway
        ? throw new IOException($"Client {_client.Id} is away: a message can be streamed when its peer is back.")
        : OutgoingMessage.Open(type, Outbound, this, _time as IWorkCounter);

    void IStreamOwner.Abandoned()
    {
        Log.MessageAbandoned(_logger, _client.Id);
        Abort(DisconnectCause.Without(DisconnectReason.MessageAbandoned));
    }

    private static partial class Log
    {
        [LoggerMessage(39, LogLevel.Warning, "Connection {ConnectionId}: a message that was being streamed was disposed before " +
            "CompleteAsync. What was sent of it cannot be taken back, so the connection is aborted.", EventName = "MessageAbandoned")]
        public static partial void MessageAbandoned(ILogger logger, string connectionId);
    }
}

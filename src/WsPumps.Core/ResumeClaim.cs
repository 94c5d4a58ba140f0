using System.Net.WebSockets;
using WsPumps.Lifetime;
using WsPumps.Sessions;

namespace WsPumps;

/// <summary>The answer to a newer connection that asks to serve the session of a client; see <see cref="Client.ClaimAsync"/>.</summary>
public sealed class ResumeClaim
{
    private readonly ConnectionSession? _session;
    private readonly int _number;
    private readonly SentAgain? _lacking;

    internal ResumeClaim(ConnectionSession session, int number, SentAgain lacking, long messagesReceived) =>
        (_session, _number, _lacking, MessagesReceived) = (session, number, lacking, messagesReceived);

    private ResumeClaim(long? messagesMissed, bool isOutdated) => (MessagesMissed, IsOutdated) = (messagesMissed, isOutdated);

    /// <summary>Whether the session can continue on this connection. If not, end the client and make a new one.</summary>
    public bool IsGranted => _session is not null;

    /// <summary>Whether no other connection has asked since. Only the latest one is served.</summary>
    public bool IsLatest => _session?.IsLatest(_number) ?? false;

    /// <summary>
    /// How many data messages were received in the session, over all its connections. Tell it to the peer, which sends the later ones
    /// again.
    /// </summary>
    public long MessagesReceived { get; }

    /// <summary>How many messages the peer has lost for good, if the claim was not granted for that reason; otherwise null.</summary>
    public long? MessagesMissed { get; }

    /// <summary>Serves the session: sends the peer the messages that it has not received, and continues.</summary>
    /// <param name="webSocket">The connection, on which nothing has been received.</param>
    /// <param name="connectionGone">Fires when the connection underneath is gone.</param>
    /// <returns>
    /// True when this connection is lost or the session has ended. False, at once, when it cannot serve the session, because another
    /// connection has asked since or the session has ended in the meantime. The caller disposes the socket.
    /// </returns>
    /// <exception cref="InvalidOperationException">The claim was not granted.</exception>
    public Task<bool> ServeAsync(WebSocket webSocket, CancellationToken connectionGone)
    {
        ArgumentNullException.ThrowIfNull(webSocket);
        if (_session is null)
            throw new InvalidOperationException("The claim was not granted. Make a new client for this connection.");

        return _session.ServeAsync(webSocket, _number, _lacking!, connectionGone);
    }

    /// <summary>Which claim on the session it is.</summary>
    internal int Number => _number;

    /// <summary>Whether the peer has told of more messages before: who asks has been overtaken, and the session is not to end.</summary>
    internal bool IsOutdated { get; }

    internal static ResumeClaim Refused(long? messagesMissed, bool isOutdated = false) => new(messagesMissed, isOutdated);
}

using System.Net.WebSockets;
using WsPumps.Lifetime;
using WsPumps.Sessions;

namespace WsPumps;

/// <summary>What became of the wish of a newer connection to serve the session of a client: see <see cref="Client.ClaimAsync"/>.</summary>
public sealed class ResumeClaim
{
    private readonly ConnectionSession? _session;
    private readonly int _number;
    private readonly SentAgain? _lacking;

    internal ResumeClaim(ConnectionSession session, int number, SentAgain lacking, long messagesReceived) =>
        (_session, _number, _lacking, MessagesReceived) = (session, number, lacking, messagesReceived);

    private ResumeClaim(long? messagesMissed) => MessagesMissed = messagesMissed;

    /// <summary>Whether the session can go on with this connection. Where not, the client is to be ended, and a new one made.</summary>
    public bool IsGranted => _session is not null;

    /// <summary>Whether no other connection has asked since. Only the latest one is served.</summary>
    public bool IsLatest => _session?.IsLatest(_number) ?? false;

    /// <summary>
    /// How many data messages were received in the session, over all its connections. To be told to the peer, which sends the later ones
    /// again.
    /// </summary>
    public long MessagesReceived { get; }

    /// <summary>How many messages the peer has lost for good, where the claim was not granted for that reason; else null.</summary>
    public long? MessagesMissed { get; }

    /// <summary>Serves the session: sends the peer what it lacks, and goes on.</summary>
    /// <param name="webSocket">The connection, on which nothing has been received.</param>
    /// <param name="connectionGone">Fires when the connection underneath is gone.</param>
    /// <returns>
    /// Completes when this connection is lost, or the session has ended: true. At once when it cannot serve the session, because another
    /// one has asked since, or the session ended meanwhile: false. The caller disposes the socket.
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

    internal static ResumeClaim Refused(long? messagesMissed) => new(messagesMissed);
}

namespace WsPumps;

/// <summary>Why a connection ended: the first cause, not what followed from it.</summary>
public enum DisconnectReason
{
    /// <summary>Nothing is known, for example about a client that does not say how its connection ended.</summary>
    Unknown,

    /// <summary>The peer sent a close frame. Nothing to do.</summary>
    PeerClosed,

    /// <summary>We closed it with <see cref="IClient.CloseAsync"/>, with any code except 1001, 1011 and 1012.</summary>
    LocalClosed,

    /// <summary>We closed it with 1001, going away, or 1012, service restart: the server shuts down. The peer should come back.</summary>
    Shutdown,

    /// <summary>The peer vanished without a close frame: end of stream, reset, or an aborted request.</summary>
    ConnectionLost,

    /// <summary>The client's queue was full. The peer reads too slowly for what is sent to it (1008).</summary>
    SlowClient,

    /// <summary>A write made no progress for <see cref="ClientOptions.WriteTimeout"/>. The peer does not read.</summary>
    WriteTimeout,

    /// <summary>
    /// The peer neither answered a ping within <see cref="ClientOptions.PongTimeout"/> nor sent anything else. It is gone without a close
    /// frame.
    /// </summary>
    PongTimeout,

    /// <summary>
    /// A message was larger than <see cref="ClientOptions.MaxMessageSize"/>, or one that is streamed than
    /// <see cref="ClientOptions.MaxStreamSize"/> (1009).
    /// </summary>
    MessageTooBig,

    /// <summary>The peer broke RFC 6455 (1002), or sent text that is not UTF-8 (1007).</summary>
    ProtocolError,

    /// <summary>A handler threw an exception (1011).</summary>
    HandlerError,

    /// <summary>We ended it with <see cref="IClient.Abort"/>, without a close frame.</summary>
    Aborted,

    /// <summary>
    /// We closed it with 1011, internal error: the register callback or the manager failed, or the application closed it with that code.
    /// Without a close frame: a pump failed for a reason other than a lost connection; the log has the exception.
    /// </summary>
    ServerError,

    /// <summary>The user's authentication expired and was not refreshed (1008). The peer should sign in again and come back.</summary>
    AuthenticationExpired,

    /// <summary>
    /// A limit on connections was reached, and this was the oldest of them: a newer one took its place (1008). The peer should not
    /// reconnect by itself.
    /// </summary>
    Replaced,

    /// <summary>
    /// The peer sent more than it may: see <see cref="ClientOptions.MaxMessagesPerSecond"/> and
    /// <see cref="ClientOptions.MaxBytesPerSecond"/> (1008).
    /// </summary>
    RateLimited,

    /// <summary>A message did not arrive whole within <see cref="ClientOptions.MessageTimeout"/> (1008).</summary>
    MessageTimeout,

    /// <summary>The first message did not arrive within <see cref="ClientOptions.FirstMessageTimeout"/> (1008).</summary>
    FirstMessageTimeout,

    /// <summary>The connection reached its <see cref="ClientOptions.MaxLifetime"/> (1001). The peer should come back.</summary>
    LifetimeOver,

    /// <summary>
    /// A <see cref="MessageStream"/> was disposed after a part of it had been sent and before it was complete. A message cannot be taken
    /// back, so the connection ended without a close frame. The peer should come back.
    /// </summary>
    MessageAbandoned,

    /// <summary>
    /// Another server of the cluster has taken over the session, because the client has come back there: the user has not left. The session
    /// continues there with a client with the same id; see <see cref="ResumeOptions.BetweenServers"/>.
    /// </summary>
    Moved,
}

namespace WsPumps;

/// <summary>
/// Wraps the handlers of an endpoint: it sees each message before them, and decides whether, and with what message, they are called.
/// </summary>
/// <param name="client">The client that sent the message.</param>
/// <param name="message">The message. Its payload is valid until the returned task ends.</param>
/// <param name="next">The next filter, or the handlers. Call it once to go on, or not at all to drop the message.</param>
/// <param name="cancellationToken">Cancelled when the connection is lost or aborted.</param>
public delegate ValueTask MessageFilter(IClient client, Message message, MessageHandler next, CancellationToken cancellationToken);

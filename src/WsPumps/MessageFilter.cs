namespace WsPumps;

/// <summary>
/// Stands around the handlers of an endpoint: sees each message before them, and decides whether and with what they are called.
/// </summary>
/// <param name="client">The client that sent the message.</param>
/// <param name="message">The message. Its payload is valid until the returned task ends.</param>
/// <param name="next">The next filter, or the handlers. Called once to go on, not at all to leave the message out.</param>
/// <param name="cancellationToken">Cancelled when the connection is lost or aborted.</param>
public delegate ValueTask MessageFilter(IClient client, Message message, MessageHandler next, CancellationToken cancellationToken);

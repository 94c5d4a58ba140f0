namespace WsPumps;

/// <summary>Called for each message of a client, one at a time and in the order of arrival.</summary>
/// <param name="client">The client that sent the message: the one the factory made.</param>
/// <param name="message">The message. Its payload is valid until the returned task ends.</param>
/// <param name="cancellationToken">Cancelled when the connection is lost or aborted.</param>
/// <remarks>
/// While a handler works, the connection is still read: pings are answered, a close is noticed, and up to
/// <see cref="ClientOptions.MaxInboundMessages"/> further messages wait. An exception closes this connection with 1011 (see
/// <see cref="ClientOptions.ContinueOnHandlerError"/>); no other connection notices.
/// </remarks>
public delegate ValueTask MessageHandler(IClient client, Message message, CancellationToken cancellationToken);

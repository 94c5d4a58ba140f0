namespace WsPumps;

/// <summary>Called for each message that is received as a stream, while it arrives: one at a time and in the order of arrival.</summary>
/// <param name="client">The client that sends the message: the one the factory made.</param>
/// <param name="message">The message. What it gives is valid until the returned task ends.</param>
/// <param name="cancellationToken">Cancelled when the connection is lost or aborted.</param>
/// <remarks>
/// It runs on the thread pool, and may read with blocking calls. While it does not read, the connection is not read further than
/// <see cref="IncomingMessage.MaxBuffered"/>, so the peer has to wait. When it returns before the end of the message, up to
/// <see cref="IncomingMessage.MaxSkipped"/> bytes more are read and discarded; if there are more, the connection is closed with 1009. An
/// exception closes it with 1011 (see <see cref="ClientOptions.ContinueOnHandlerError"/>).
/// </remarks>
public delegate ValueTask MessageStreamHandler(IClient client, IncomingMessage message, CancellationToken cancellationToken);

using System.Net.WebSockets;
using System.Security.Claims;
using WsPumps.Lifetime;

namespace WsPumps;

/// <summary>
/// One WebSocket connection: what the application writes to, and the two pumps that carry it. <see cref="Client"/> is the
/// default; write your own to wrap it (logging, rules per tenant) or to replace it.
/// </summary>
/// <remarks>
/// All members may be called from any thread and any callback, at any time, even after the connection has ended. The endpoint calls each
/// pump once.
/// </remarks>
public interface IClient
{
    /// <summary>Identifies the connection in the manager and in logs. Unique within a manager; never changes.</summary>
    string Id { get; }

    /// <summary>
    /// Who opened the connection; null when nobody is known. Read at the handshake; <see cref="RefreshAuthentication"/> can renew it.
    /// </summary>
    ClaimsPrincipal? User { get; }

    /// <summary>The subprotocol that was agreed on in the handshake; null for none.</summary>
    string? SubProtocol => null;

    /// <summary>The application's own data about this connection. Safe for concurrent use.</summary>
    IDictionary<object, object?> Items { get; }

    /// <summary>
    /// Completes with the way the connection ended, when both pumps have ended; also when the connection was aborted and a handler that
    /// blocks its thread has kept a pump from ending for three times <see cref="ClientOptions.CloseTimeout"/>. Never faults.
    /// </summary>
    /// <remarks>
    /// Awaiting it inside a handler of the same client waits for that handler: the pump gives up on it after
    /// <see cref="ClientOptions.CloseTimeout"/>.
    /// </remarks>
    Task<DisconnectRecord> Completion { get; }

    /// <summary>The state and the counters of the connection now. A client that wraps another passes it on.</summary>
    ClientStatistics Statistics => default;

    /// <summary>The events of the connection while it is open. A client that wraps another passes it on.</summary>
    /// <exception cref="NotSupportedException">The client was written from scratch and has no events.</exception>
    ClientEvents Events =>
        throw new NotSupportedException($"{GetType()} has no events. A client that derives from {nameof(DelegatingClient)} has those of " +
            "the client it wraps.");

    /// <summary>
    /// The clock that limits how long others wait for this client, as with
    /// <see cref="ClientExtensions.DeliverAsync(IClient, PreparedMessage, TimeSpan, CancellationToken)"/>. A client that wraps another
    /// passes it on.
    /// </summary>
    /// <value>Default: the system's.</value>
    TimeProvider TimeProvider => TimeProvider.System;

    /// <summary>Queues a message without ever waiting. Never throws because of the connection's state.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is null.</exception>
    WriteResult Write(PreparedMessage message);

    /// <summary>Queues a message, waiting for room when the queue is full. Waiting calls are served in order.</summary>
    /// <returns><see cref="WriteResult.Queued"/>, or <see cref="WriteResult.Closed"/> when the connection ends first.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is null.</exception>
    /// <exception cref="ArgumentException">The message alone is larger than the queue's bound in bytes: no waiting would help.</exception>
    /// <exception cref="OperationCanceledException">The token fired before there was room. The message was not queued.</exception>
    ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default);

    /// <summary>Queues a copy of a message without ever waiting. The caller may reuse its buffer as soon as the call returns.</summary>
    /// <inheritdoc cref="Write(PreparedMessage)"/>
    /// <remarks>A client that wraps another can pass this on: the default client reuses the memory of the copy.</remarks>
    WriteResult Write(Message message) => Write(PreparedMessage.From(message));

    /// <summary>
    /// Queues a copy of a message, waiting for room when the queue is full. The caller may reuse its buffer as soon as the call returns,
    /// even while it waits.
    /// </summary>
    /// <inheritdoc cref="WriteAsync(PreparedMessage, CancellationToken)"/>
    /// <remarks>A client that wraps another can pass this on: the default client reuses the memory of the copy.</remarks>
    ValueTask<WriteResult> WriteAsync(Message message, CancellationToken cancellationToken = default) =>
        WriteAsync(PreparedMessage.From(message), cancellationToken);

    /// <summary>
    /// Opens a message that is written while it is sent: it need not fit in memory. It takes its place behind the messages that are queued
    /// now; those that are queued later wait for its end, under the bounds and policies of the queue. Only pings, pongs and the close
    /// frame pass it.
    /// </summary>
    /// <param name="type">Text or binary.</param>
    /// <param name="cancellationToken">Ends the waiting, where a client waits.</param>
    /// <returns>What the message is written to. Dispose it, and complete it before that.</returns>
    /// <remarks>
    /// It is not compressed. The peer has <see cref="ClientOptions.WriteTimeout"/> for each step of 60 KiB, not for the whole. A
    /// connection that is closed with <see cref="CloseMode.Drain"/> waits for its end within the same limit; if the peer closes, or the
    /// connection is lost, its writes fail. Where sessions resume, a connection that is lost within it ends the session too: what was
    /// sent is not kept. docs/streaming.md has more. A client that wraps another passes it on.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither text nor binary.</exception>
    /// <exception cref="InvalidOperationException">
    /// Another message is open: a connection carries one at a time (RFC 6455, section 5.4).
    /// </exception>
    /// <exception cref="IOException">The connection is closing or has ended, or the client is away.</exception>
    /// <exception cref="NotSupportedException">The client was written from scratch and cannot stream.</exception>
    ValueTask<MessageStream> OpenMessageAsync(WebSocketMessageType type, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException($"{GetType()} cannot stream messages: it does not implement {nameof(IClient)}." +
            $"{nameof(OpenMessageAsync)}. A client that derives from {nameof(DelegatingClient)} streams through the client it wraps.");

    /// <summary>
    /// Closes the connection with a code and a reason. From now on nothing more is accepted and no further message reaches
    /// a handler. Safe to repeat: the first close counts.
    /// </summary>
    /// <param name="status">1000-1003, 1007-1014 or 3000-4999.</param>
    /// <param name="reason">At most 123 bytes of UTF-8; longer text is cut between two characters. Null means empty.</param>
    /// <param name="mode">Whether queued messages leave first.</param>
    /// <param name="cancellationToken">Ends the waiting, not the close.</param>
    /// <returns>
    /// Completes when the write pump has handed the close frame to the transport, or the connection has ended another way. The peer then
    /// has <see cref="ClientOptions.CloseTimeout"/> to answer; <see cref="Completion"/> reports the end. Before the write pump has been
    /// started, it completes at once, and the frame is sent when the pump starts.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> may not be sent in a close frame.</exception>
    Task CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure,
        string? reason = null,
        CloseMode mode = CloseMode.Drain,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Closes the connection because a newer one takes its place, with 1008, after its queue. Called for a <c>ConnectionLimit</c> that
    /// closes the oldest, by whichever server has the newer one.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, not the close.</param>
    /// <returns>Completes as <see cref="CloseAsync"/> does.</returns>
    /// <remarks>
    /// A client written from scratch is closed with <see cref="CloseAsync"/>, and implements this if its record is to have
    /// <see cref="DisconnectReason.Replaced"/>. A client that wraps another passes it on.
    /// </remarks>
    Task CloseAsReplacedAsync(CancellationToken cancellationToken = default) =>
        CloseAsync(WebSocketCloseStatus.PolicyViolation, DisconnectCause.ReplacedText, CloseMode.Drain, cancellationToken);

    /// <summary>Ends the connection at once, without a close frame. What is queued is counted as unsent. Never waits.</summary>
    void Abort();

    /// <summary>
    /// Reports that the user has proved their identity again, for example with a fresh token in a message: the connection then ends at the
    /// time given instead of the earlier one. Without effect on a connection that is ending already. A client that wraps another passes it
    /// on.
    /// </summary>
    /// <param name="expiresAt">When the new authentication expires: the connection is closed with 1008 then. Null: never.</param>
    /// <param name="user">The user with renewed claims. Null: as before. Checking the proof is up to the caller.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="user"/> is another user than <see cref="User"/>: a connection belongs to one user all its life.
    /// </exception>
    /// <exception cref="NotSupportedException">The client neither keeps track of the authentication nor passes this on.</exception>
    void RefreshAuthentication(DateTimeOffset? expiresAt, ClaimsPrincipal? user = null) =>
        throw new NotSupportedException($"{GetType()} does not implement {nameof(IClient)}.{nameof(RefreshAuthentication)}. Derive a " +
            $"client that wraps another from {nameof(DelegatingClient)}.");

    /// <summary>Carries queued messages to the peer until the connection ends. The only code that writes to it.</summary>
    /// <param name="unregister">
    /// To be called with this client when the pump ends. It returns at once and may be called by both pumps.
    /// </param>
    /// <param name="pingInterval">The time between two pings; zero or infinite for none.</param>
    /// <param name="cancellationToken">
    /// Fires when the connection underneath is gone: what has arrived is still handled, then the pump ends, within
    /// <see cref="ClientOptions.CloseTimeout"/>.
    /// </param>
    Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken);

    /// <summary>Receives messages and passes each to the handlers, in order, until the connection ends.</summary>
    /// <param name="unregister">
    /// To be called with this client when the pump ends. It returns at once and may be called by both pumps.
    /// </param>
    /// <param name="handlers">Called one after the other for each message.</param>
    /// <param name="cancellationToken">
    /// Fires when the connection underneath is gone: what has arrived is still handled, then the pump ends, within
    /// <see cref="ClientOptions.CloseTimeout"/>.
    /// </param>
    Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken);
}

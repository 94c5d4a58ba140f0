using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Framing;
using WsPumps.Lifetime;
using WsPumps.Outbound;
using WsPumps.Registry;

namespace WsPumps;

/// <summary>The default <see cref="IClient"/>: a connection over any <see cref="WebSocket"/>, with a bounded outbound channel.</summary>
/// <remarks>
/// Over a <see cref="StreamWebSocket"/> it reads and writes many messages in one step, and sends pings. Over any other it uses the socket's
/// own methods, one message at a time, and sends no pings: set the keep-alive interval of the socket when you create it. Run both pumps,
/// each once; the connection has ended when both have. Deadlines are kept to within a second. The client does not dispose the socket: the
/// code that accepted it does, after <see cref="Completion"/>.
/// </remarks>
public sealed class Client : IClient, IConnectionOwner
{
    private readonly Connection _connection;
    /// <summary>Of the connection: a broadcast need not fetch that from memory to find it.</summary>
    private readonly OutboundQueue _outbound;
    private readonly ILogger _logger;
    private readonly object? _source;
    private PumpRuns _pumps = new();
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConcurrentDictionary<object, object?>? _items;
    private ClaimsPrincipal? _user;
    private ClientEvents? _events;
    private readonly CompressionAgreement? _compression;
    private readonly bool _keepsFrames;

    /// <param name="webSocket">An open socket that nobody else sends to or receives from.</param>
    /// <param name="settings">Everything else; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range or contradicts another, or the id is empty.</exception>
    public Client(WebSocket webSocket, ClientSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(webSocket);
        settings ??= new ClientSettings();
        var options = settings.Options ?? new ClientOptions();
        var resumes = settings.Resume is not null;
        settings.ThrowIfInvalid(options, nameof(settings));
        Id = settings.Id ?? ConnectionId.New();
        // The subprotocol that the session protocol chose does not concern the application.
        SubProtocol = settings.SubProtocol ?? (resumes && webSocket.SubProtocol?.StartsWith("wspumps.", StringComparison.Ordinal) == true
            ? null : webSocket.SubProtocol);
        (_user, _source) = (settings.User, settings.Source);
        _logger = SafeLogger.Of(settings.Logger);
        // A session may go on over a connection that agreed on something else: its transport compresses.
        (_keepsFrames, _compression) = (resumes, resumes ? null : (webSocket as StreamWebSocket)?.Options.Compression);
        var time = SafeClock.Of(settings.TimeProvider);
        _connection = new Connection(this, webSocket, options, settings.Resume?.Clone(), settings.Budget, settings.Metrics, _logger,
            time, settings.Streamed(options, time), settings.ConnectedAt);
        _outbound = _connection.Outbound;
        _connection.Authentication.ExpiresAt = settings.AuthenticationExpiresAt;
        _connection.Authentication.UserId = settings.UserId ?? UserIdentity.DefaultId;
        if (settings.AdmitMessage is { } admit)
            _connection.AdmitMessage = admit;
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <inheritdoc/>
    public ClaimsPrincipal? User => Volatile.Read(ref _user);

    /// <summary>When the authentication of <see cref="User"/> expires, as last set; null for never.</summary>
    public DateTimeOffset? AuthenticationExpiresAt => _connection.Authentication.ExpiresAt;

    /// <inheritdoc/>
    public string? SubProtocol { get; }

    /// <inheritdoc/>
    public IDictionary<object, object?> Items => _items ?? Interlocked.CompareExchange(ref _items, new(), null) ?? _items;

    /// <inheritdoc/>
    public ClientStatistics Statistics => _connection.Statistics();

    /// <inheritdoc/>
    public ClientEvents Events => _events ?? Interlocked.CompareExchange(ref _events, new(), null) ?? _events;

    /// <inheritdoc/>
    public TimeProvider TimeProvider => _connection.Time;

    ClientEvents? IEventSource.EventsInUse => Volatile.Read(ref _events);

    /// <inheritdoc/>
    public Task<DisconnectRecord> Completion => _completion.Task;

    /// <inheritdoc/>
    public WriteResult Write(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var result = _outbound.Write(message = OnTheWire(message));
        if (result is WriteResult.Dropped)
            _connection.Refused(message);
        return result;
    }

    /// <summary>
    /// As <see cref="Write(PreparedMessage)"/>, but where nothing else is being written, the message leaves on the thread of the caller.
    /// </summary>
    /// <returns>Also whether all that was queued has been handed to the transport.</returns>
    internal (WriteResult Result, bool HasLeft) WriteHere(PreparedMessage message)
    {
        var result = _connection.Outbound.Write(message = OnTheWire(message), here: true);
        if (result is WriteResult.Dropped)
            _connection.Refused(message);
        return (result, result is WriteResult.Queued && _connection.Outbound.IsDrained);
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var writing = _outbound.WriteAsync(message = OnTheWire(message), cancellationToken);
        if (writing is { IsCompletedSuccessfully: true, Result: WriteResult.Dropped })
            _connection.Refused(message);
        return writing;
    }

    /// <inheritdoc/>
    public WriteResult Write(Message message)
    {
        var frame = FrameOf(message);
        var result = Write(frame);
        // A dropped one may be in the hands of whoever listens to MessageDropped.
        if (result is WriteResult.Closed or WriteResult.TooLarge)
            FramePool.Return(frame);
        return result;
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(Message message, CancellationToken cancellationToken = default) =>
        WriteAsync(FrameOf(message), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<MessageStream> OpenMessageAsync(WebSocketMessageType type, CancellationToken cancellationToken = default) =>
        new(StreamOwner.Open(_connection, type, _logger, cancellationToken));

    /// <summary>
    /// Waits until the queue is empty and what it held was handed to the transport. Under steady traffic that may never happen.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when the connection began to end before that.</returns>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<bool> WaitForDrainAsync(CancellationToken cancellationToken = default) =>
        CountedWork.Until(_connection.Time, _outbound.WaitForDrainAsync()).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure,
        string? reason = null,
        CloseMode mode = CloseMode.Drain,
        CancellationToken cancellationToken = default)
    {
        var cause = DisconnectCause.Local(status, reason);
        if (_connection.Session is not { } session || !session.Leave.TryBegin(cause))
            _connection.Close(cause, mode);
        return _pumps.WhenWrittenAsync(_connection.Time, cancellationToken);
    }

    /// <inheritdoc/>
    public Task CloseAsReplacedAsync(CancellationToken cancellationToken = default)
    {
        _connection.Close(DisconnectCause.Rule(DisconnectReason.Replaced), CloseMode.Drain);
        return _pumps.WhenWrittenAsync(_connection.Time, cancellationToken);
    }

    /// <inheritdoc/>
    public void RefreshAuthentication(DateTimeOffset? expiresAt, ClaimsPrincipal? user = null)
    {
        if (user is not null)
        {
            _connection.Authentication.CheckSameUser(User, user);
            Volatile.Write(ref _user, user);
        }

        _connection.Authentication.ExpiresAt = expiresAt;
        _connection.Watch.NoteChange();
    }

    /// <summary>
    /// For a peer that has come back with another connection: ends the older connection and prepares the session to continue on the new
    /// one. Only with <see cref="ClientSettings.Resume"/>; docs/resume.md describes the protocol.
    /// </summary>
    /// <param name="messagesReceived">How many data messages the peer says that it has received in the session.</param>
    /// <returns>
    /// Whether the session can continue, known after at most <see cref="ClientOptions.CloseTimeout"/>. Only the latest of several claims is
    /// served.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="messagesReceived"/> is negative.</exception>
    public ValueTask<ResumeClaim> ClaimAsync(long messagesReceived)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(messagesReceived);
        return _connection.Session?.ClaimAsync(messagesReceived) ?? new(ResumeClaim.Refused(null));
    }

    /// <summary>What outlives the connection; null where nothing does.</summary>
    internal ConnectionSession? Session => _connection.Session;

    /// <summary>Whether the end of the connection has begun.</summary>
    internal bool IsEnding => _connection.Disconnection.Cause is not null;

    /// <summary>How long the peer has owed the answer to a ping; null where it owes none.</summary>
    internal TimeSpan? UnansweredFor => _connection.Watch.UnansweredFor;

    /// <inheritdoc/>
    public void Abort()
    {
        if (!_completion.Task.IsCompleted)
            _connection.Abort(DisconnectCause.Without(DisconnectReason.Aborted));
    }

    /// <inheritdoc/>
    public Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unregister);
        _pumps.StartWriting(Id);
        _connection.Watch.Begin();
        return _connection.WriteAsync(pingInterval, unregister, cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unregister);
        ArgumentNullException.ThrowIfNull(handlers);
        _pumps.StartReading(Id);
        return _connection.ReadAsync(handlers, unregister, cancellationToken);
    }

    void IConnectionOwner.WritingEnded(Action<IClient> unregister)
    {
        _pumps.WritingEnded();
        PumpEnded(unregister);
    }

    void IConnectionOwner.ReadingEnded(Action<IClient> unregister) => PumpEnded(unregister);

    void IConnectionOwner.GiveUp()
    {
        if (!_pumps.HasWritingEnded)
            return;

        DisconnectLog.PumpStuck(_logger, Id);
        End();
    }

    private PreparedMessage OnTheWire(PreparedMessage message) => _compression?.FormOf(message) ?? message;

    /// <summary>A frame for this connection alone, to be used again; unless what was sent is kept for a peer that comes back.</summary>
    private PreparedMessage FrameOf(Message message) => _keepsFrames || _compression?.Covers(message.Payload.Length) is true
        ? PreparedMessage.From(message) : FramePool.Rent(message);

    /// <summary>The pump that ends last ends the connection.</summary>
    private void PumpEnded(Action<IClient> unregister)
    {
        if (!_pumps.EndOne())
            return;

        End();
        unregister(this);
    }

    private void End()
    {
        if (!_pumps.TryEnd())
            return;

        _connection.Watch.End();
        var record = _connection.Report();
        try
        {
            DisconnectLog.Ended(_logger, Id, _source, record);
        }
        finally
        {
            _completion.SetResult(record);
        }
    }
}

using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Framing;
using WsPumps.Inbound;
using WsPumps.Lifetime;
using WsPumps.Outbound;

namespace WsPumps;

/// <summary>The default <see cref="IClient"/>: a connection over any <see cref="WebSocket"/>, with a bounded outbound channel.</summary>
/// <remarks>
/// Over a <see cref="StreamWebSocket"/> it reads and writes many messages with one step, and sends pings. Over any other it uses the
/// socket's own methods, one message at a time, and sends none: set the socket's keep-alive when it is made. Run both pumps, each once;
/// the connection has ended when both have. Deadlines are kept to within a second. The client does not dispose the socket: the code that
/// accepted it does, after <see cref="Completion"/>.
/// </remarks>
public sealed partial class Client : IClient, IConnectionOwner
{
    private readonly Connection _connection;
    private readonly OutboundQueue _outbound;
    private readonly Heartbeat _heartbeat;
    private readonly bool _resumes;
    private readonly ILogger _logger;
    private TaskCompletionSource? _writingEnded;
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConcurrentDictionary<object, object?>? _items;
    private ClaimsPrincipal? _user;
    private ClientEvents? _events;
    private readonly CompressionAgreement? _compression;

    /// <param name="webSocket">An open socket that nobody else sends to or receives from.</param>
    /// <param name="settings">Everything else; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range or contradicts another, or the id is empty.</exception>
    public Client(WebSocket webSocket, ClientSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(webSocket);
        settings ??= new ClientSettings();
        var options = settings.Options ?? new ClientOptions();
        _resumes = settings.Resume is not null;
        if (string.Join(' ', options.Validate()) is { Length: > 0 } failures)
            throw new ArgumentException(failures, nameof(settings));
        if (settings.Id is "")
        {
            throw new ArgumentException("ClientSettings.Id is empty. Set it to an id that is unique within the manager, or leave it unset.",
                nameof(settings));
        }

        if (settings.StreamedType is WebSocketMessageType.Close)
        {
            throw new ArgumentException("ClientSettings.StreamedType is Close. Only text and binary messages are streamed.",
                nameof(settings));
        }

        Id = settings.Id ?? ConnectionId.New();
        // What the protocol of sessions has chosen is none of the application's.
        SubProtocol = _resumes && webSocket.SubProtocol?.StartsWith("wspumps.", StringComparison.Ordinal) == true
            ? null : webSocket.SubProtocol;
        _user = settings.User;
        _logger = SafeLogger.Of(settings.Logger);
        var time = SafeClock.Of(settings.TimeProvider);
        _heartbeat = Heartbeat.For(time);
        // A session may go on over a connection that agreed on something else.
        _compression = _resumes ? null : (webSocket as StreamWebSocket)?.Options.Compression;
        _connection = new Connection(this, webSocket, options, settings.Resume?.Clone(), settings.Budget, settings.Metrics, _logger, time,
            settings.OnMessageStream is { } handler
                ? new StreamedInput(handler, settings.StreamedType, options.MaxStreamSize, time) : null)
        {
            AuthenticationExpiresAt = settings.AuthenticationExpiresAt,
        };
        if (settings.UserId is { } userId)
            _connection.Authentication.UserId = userId;
        if (settings.AdmitMessage is { } admit)
            _connection.AdmitMessage = admit;
        _outbound = _connection.Outbound;
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <inheritdoc/>
    public ClaimsPrincipal? User => Volatile.Read(ref _user);

    /// <summary>When the authentication of <see cref="User"/> expires, as it was said last; null for never.</summary>
    public DateTimeOffset? AuthenticationExpiresAt => _connection.AuthenticationExpiresAt;

    /// <inheritdoc/>
    public string? SubProtocol { get; }

    /// <inheritdoc/>
    public IDictionary<object, object?> Items => _items ?? Interlocked.CompareExchange(ref _items, new(), null) ?? _items;

    /// <inheritdoc/>
    public ClientStatistics Statistics => _connection.Statistics();

    /// <inheritdoc/>
    public ClientEvents Events => _events ?? Interlocked.CompareExchange(ref _events, new(), null) ?? _events;

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
        // What is kept for a peer that comes back must not be used again.
        if (_resumes || _compression?.Covers(message.Payload.Length) is true)
            return Write(PreparedMessage.From(message));

        var frame = FramePool.Rent(message);
        var result = Write(frame);
        // A dropped one may be in the hands of whoever listens to MessageDropped.
        if (result is WriteResult.Closed or WriteResult.TooLarge)
            FramePool.Return(frame);
        return result;
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(Message message, CancellationToken cancellationToken = default) =>
        WriteAsync(_resumes || _compression?.Covers(message.Payload.Length) is true
            ? PreparedMessage.From(message) : FramePool.Rent(message), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<MessageStream> OpenMessageAsync(WebSocketMessageType type, CancellationToken cancellationToken = default)
    {
        if (type is not (WebSocketMessageType.Text or WebSocketMessageType.Binary))
            throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary; a close is sent with CloseAsync.");

        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<MessageStream>(_connection.OpenMessage(type));
    }

    /// <summary>The form in which a message goes to this peer.</summary>
    private PreparedMessage OnTheWire(PreparedMessage message) =>
        _compression is not null && message.Options is not { Compress: false } && _compression.Covers(message.Length)
            ? message.Compressed(_compression.Level) : message;

    /// <summary>
    /// Waits until the queue is empty and what it held was handed to the transport. Under steady traffic that may never be.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when the connection began to end before that.</returns>
    public Task<bool> WaitForDrainAsync(CancellationToken cancellationToken = default) =>
        _outbound.WaitForDrainAsync().WaitAsync(cancellationToken);
}

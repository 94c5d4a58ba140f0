using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Framing;
using WsPumps.Lifetime;
using WsPumps.Outbound;

namespace WsPumps;

/// <summary>The default <see cref="IClient"/>: a connection over any <see cref="WebSocket"/>, with a bounded outbound channel.</summary>
/// <remarks>
/// Run both pumps, each once; the connection has ended when both have. Deadlines are kept to within a second. The client
/// does not dispose the socket: whoever accepted it does, after <see cref="Completion"/>.
/// </remarks>
public sealed partial class Client : IClient
{
    private readonly Connection _connection;
    private readonly OutboundChannel _outbound;
    private readonly Heartbeat _heartbeat;
    private readonly QueueBudget? _budget;
    private readonly ILogger _logger;
    private TaskCompletionSource? _writingEnded;
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConcurrentDictionary<object, object?>? _items;
    private ClaimsPrincipal? _user;

    /// <param name="webSocket">An open socket that nobody else sends to or receives from.</param>
    /// <param name="options">Limits and times; the defaults when null. Copied: later changes have no effect.</param>
    /// <param name="logger">Receives one line for the end of the connection, and the exceptions of handlers.</param>
    /// <param name="timeProvider">The clock of all deadlines; the system's when null.</param>
    /// <param name="gate">
    /// The gate under <paramref name="webSocket"/>, where there is one. Without it messages go through the socket's own methods
    /// one by one, and the client sends no pings: set the socket's keep-alive when it is made.
    /// </param>
    /// <param name="budget">A bound that this client's queue shares with others; null for none.</param>
    /// <param name="metrics">Where the client adds what it does to what others do; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or contradicts another.</exception>
    public Client(
        WebSocket webSocket,
        ClientOptions? options = null,
        ILogger? logger = null,
        TimeProvider? timeProvider = null,
        FrameGate? gate = null,
        QueueBudget? budget = null,
        PumpsMetrics? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(webSocket);
        options ??= new ClientOptions();
        if (string.Join(' ', options.Validate()) is { Length: > 0 } failures)
            throw new ArgumentException(failures, nameof(options));

        Id = ConnectionId.New();
        SubProtocol = webSocket.SubProtocol;
        _logger = SafeLogger.Of(logger);
        var time = SafeClock.Of(timeProvider);
        _heartbeat = Heartbeat.For(time);
        _budget = budget;
        _connection = new Connection(this, webSocket, gate, options, budget, metrics, _logger, time);
        _outbound = _connection.Outbound;
    }

    /// <summary>The peer sent a ping. It is answered in any case. Raised while the connection is read, so it must return quickly.</summary>
    /// <remarks>Not raised, as <see cref="PongReceived"/> is not, for a client without a <see cref="FrameGate"/>. An exception is logged and goes no further.</remarks>
    public event Action<Client>? PingReceived
    {
        add => _connection.Control.PingReceived += value;
        remove => _connection.Control.PingReceived -= value;
    }

    /// <summary>The peer answered our ping, after the time given. Raised while the connection is read, so it must return quickly.</summary>
    public event Action<Client, TimeSpan>? PongReceived
    {
        add => _connection.Control.PongReceived += value;
        remove => _connection.Control.PongReceived -= value;
    }

    /// <summary>
    /// The authentication expires in <see cref="ClientOptions.AuthenticationNotice"/>: time to ask the peer for a fresh proof. Raised once for
    /// each time of expiry, on the thread pool.
    /// </summary>
    /// <remarks>An exception is logged and goes no further.</remarks>
    public event Action<Client>? AuthenticationExpiring
    {
        add => _connection.Authentication.Expiring += value;
        remove => _connection.Authentication.Expiring -= value;
    }

    /// <inheritdoc/>
    /// <value>Default: 128 random bits as 22 characters that are safe in URLs.</value>
    /// <exception cref="ArgumentException">The value is null or empty.</exception>
    public string Id { get; init => field = string.IsNullOrEmpty(value) ? throw new ArgumentException("An id must not be empty.", nameof(value)) : value; }

    /// <inheritdoc/>
    public ClaimsPrincipal? User
    {
        get => Volatile.Read(ref _user);
        init => _user = value;
    }

    /// <summary>When the authentication of <see cref="User"/> expires. The connection is closed with 1008 then, to within a second, unless <see cref="RefreshAuthentication"/> comes first.</summary>
    /// <value>Default: null, never.</value>
    public DateTimeOffset? AuthenticationExpiresAt
    {
        get => _connection.AuthenticationExpiresAt;
        init => _connection.AuthenticationExpiresAt = value;
    }

    /// <summary>
    /// Asked for each whole message, with its bytes, before a handler sees it. While it waits, the connection is not read; false closes it
    /// with <see cref="DisconnectReason.RateLimited"/>. The token fires when the connection begins to end. For limits that connections share.
    /// </summary>
    /// <value>Default: null, nobody is asked.</value>
    public Func<int, CancellationToken, ValueTask<bool>>? AdmitMessage { init => _connection.AdmitMessage = value; }

    /// <inheritdoc/>
    public IDictionary<object, object?> Items => _items ?? Interlocked.CompareExchange(ref _items, new(), null) ?? _items;

    /// <summary>The subprotocol that was agreed on in the handshake; null for none.</summary>
    public string? SubProtocol { get; }

    /// <summary>A message was dropped, and why. Raised by the thread that wrote the newer message, or by the write pump, so it must return quickly.</summary>
    /// <remarks>An exception is logged and goes no further; the same is true of the watermark events.</remarks>
    public event Action<Client, PreparedMessage, DropReason>? MessageDropped
    {
        add => _connection.QueueEvents.MessageDropped += value;
        remove => _connection.QueueEvents.MessageDropped -= value;
    }

    /// <summary>The queue has filled to its high watermark (<see cref="ClientOptions.HighWatermark"/>). Raised once, until it has fallen to the low one.</summary>
    public event Action<Client>? HighWatermarkReached
    {
        add => _connection.QueueEvents.HighWatermarkReached += value;
        remove => _connection.QueueEvents.HighWatermarkReached -= value;
    }

    /// <summary>The queue, which had reached its high watermark, has fallen to its low one (<see cref="ClientOptions.LowWatermark"/>).</summary>
    public event Action<Client>? LowWatermarkReached
    {
        add => _connection.QueueEvents.LowWatermarkReached += value;
        remove => _connection.QueueEvents.LowWatermarkReached -= value;
    }

    /// <inheritdoc/>
    public ClientStatistics Statistics => _connection.Statistics();

    /// <summary>How many messages wait in the queue now.</summary>
    public int QueuedMessages => _connection.QueuedMessages;

    /// <summary>How many payload bytes wait in the queue now.</summary>
    public long QueuedBytes => _connection.QueuedBytes;

    /// <summary>From the latest ping that was answered to its pong; null before the first, and where the client sends no pings.</summary>
    public TimeSpan? RoundTripTime => _connection.Control.RoundTripTime;

    /// <summary>Whether frames go straight to the TCP socket by now, past the server's own output; see <see cref="FrameGate"/>.</summary>
    public bool WritesDirectly => _connection.WritesDirectly;

    /// <inheritdoc/>
    public Task<DisconnectRecord> Completion => _completion.Task;

    /// <inheritdoc/>
    public WriteResult TryWrite(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var result = _outbound.TryWrite(message);
        if (result is WriteResult.Dropped)
            _connection.Refused(message);
        return result;
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _outbound.WriteAsync(message, cancellationToken);
    }

    /// <inheritdoc/>
    public WriteResult TryWrite(Message message)
    {
        var frame = FramePool.Rent(message);
        var result = TryWrite(frame);
        // A dropped one may be in the hands of whoever listens to MessageDropped.
        if (result is WriteResult.Closed or WriteResult.TooLarge)
            FramePool.Return(frame);
        return result;
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(Message message, CancellationToken cancellationToken = default) =>
        WriteAsync(FramePool.Rent(message), cancellationToken);

    /// <summary>Waits until the queue is empty and what it held was handed to the transport. Under steady traffic that may never be.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False when the connection began to end before that.</returns>
    public Task<bool> WaitForDrainAsync(CancellationToken cancellationToken = default) =>
        _outbound.WaitForDrainAsync().WaitAsync(cancellationToken);
}

using System.Net.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Connecting;
using WsPumps.Incoming;
using WsPumps.Outgoing;

namespace WsPumps;

/// <summary>
/// A WebSocket client that reconnects until it is closed, with one connection at a time. It keeps what is written while there is no
/// connection, and reports what became of each message.
/// </summary>
/// <remarks>All members may be called from any thread and any callback, at any time.</remarks>
public sealed class ReconnectingClient : IAsyncDisposable
{
    private readonly ReconnectingClientOptions _options;
    private readonly ConnectionLoop _loop;
    private readonly OutgoingQueue _queue;
    private readonly SendCounters _counters;
    private readonly Inbox _inbox;
    private readonly long _maxMessageBytes;

    /// <param name="address">Where to connect to: absolute, with the scheme ws, wss, http or https.</param>
    /// <param name="options">Everything else; null for the defaults. Later changes have no effect.</param>
    /// <exception cref="ArgumentException">The address or an option is out of its range, or options contradict each other.</exception>
    public ReconnectingClient(Uri address, ReconnectingClientOptions? options = null)
        : this(address, options ??= new ReconnectingClientOptions(), connect: null, Random.Shared.NextDouble)
    {
    }

    /// <param name="address">See the public constructor.</param>
    /// <param name="options">See the public constructor.</param>
    /// <param name="connect">Makes a connection; null for the real thing.</param>
    /// <param name="random">Draws from zero up to one.</param>
    internal ReconnectingClient(Uri address, ReconnectingClientOptions options,
        Func<IReadOnlyList<string>, CancellationToken, Task<Attempt>>? connect, Func<double> random)
    {
        ArgumentNullException.ThrowIfNull(address);
        OptionsValidation.Check(address, options);

        _options = options = options.Copy();
        Address = address;
        var time = options.TimeProvider ?? TimeProvider.System;
        var connection = options.Connection;
        _maxMessageBytes = Math.Min(options.MaxQueuedBytes, connection.MaxQueuedBytes ?? Math.Max(1 << 20, connection.MaxMessageSize));
        _counters = new SendCounters(options.Metrics);
        _queue = new OutgoingQueue(options.MaxQueuedMessages, options.MaxQueuedBytes, time, _counters);
        _inbox = new Inbox(options.OnMessage, options.MaxReceivedMessages);
        _loop = new ConnectionLoop(
            options, connect ?? new Connector(address, options, time).ConnectAsync, _queue, _inbox,
            new Backoff(options.FirstDelay, options.MaxDelay, random), time,
            new ReconnectingLog(options.Logger ?? NullLogger.Instance, address));
    }

    /// <summary>Where it connects to.</summary>
    public Uri Address { get; }

    /// <summary>What the client is doing now.</summary>
    public ReconnectingClientState State => _loop.State;

    /// <summary>Completes when the client has ended for good, with the reason. Never faults.</summary>
    public Task<ReconnectingClientEnd> Completion => _loop.Completion;

    /// <summary>The subprotocol of the connection; null without one, or without a connection.</summary>
    public string? SubProtocol => _loop.SubProtocol;

    /// <summary>
    /// The time from the latest answered ping to its pong; null before the first, without a connection, and where the transport does not
    /// report it.
    /// </summary>
    public TimeSpan? RoundTripTime => _loop.Connection?.Statistics.RoundTripTime;

    /// <summary>The counters of the client, over all its connections.</summary>
    public ReconnectingStatistics Statistics
    {
        get
        {
            var (messages, bytes) = _queue.Size;
            return new ReconnectingStatistics
            {
                Connections = _loop.Connections,
                MessagesReceived = _inbox.Received,
                MessagesSent = _counters[SendResult.Sent],
                MessagesExpired = _counters[SendResult.Expired],
                MessagesUnknown = _counters[SendResult.Unknown],
                MessagesClosed = _counters[SendResult.Closed],
                MessagesCanceled = _counters.CanceledMessages,
                MessagesRefused = _counters.RefusedMessages,
                QueuedMessages = messages,
                QueuedBytes = bytes,
            };
        }
    }

    /// <summary>Begins to connect, if it has not yet, and waits for a connection. Without a server it waits until there is one.</summary>
    /// <param name="cancellationToken">Ends the waiting; the client goes on.</param>
    /// <returns>True when there is a connection; false when the client ends for good first.</returns>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<bool> StartAsync(CancellationToken cancellationToken = default)
    {
        _loop.Start();
        return _loop.Connected.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Writes a message, or keeps it until there is a connection, and completes when it is known what became of it. It may be called before
    /// <see cref="StartAsync"/>; the order of the calls is the order on the wire.
    /// </summary>
    /// <param name="message">The message. Of its options, only the time to live counts here.</param>
    /// <param name="cancellationToken">Ends the waiting. A message that is not being sent yet is withdrawn.</param>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is null.</exception>
    /// <exception cref="ArgumentException">The message alone is larger than the queue's bound in bytes: no waiting would help.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public ValueTask<SendResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Length > _maxMessageBytes)
        {
            throw new ArgumentException($"A message of {message.Length} bytes can never be sent: the limit is {_maxMessageBytes} bytes, " +
                "the lesser of MaxQueuedBytes and Connection.MaxQueuedBytes.", nameof(message));
        }

        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<SendResult>(cancellationToken);
        if (_queue.Add(message, message.Options?.TimeToLive ?? _options.TimeToLive, out var refused) is not { } added)
            return new ValueTask<SendResult>(refused);

        return added.IsSettled ? new ValueTask<SendResult>(added.Result)
            : cancellationToken.CanBeCanceled ? WaitAsync(added, cancellationToken)
            : new ValueTask<SendResult>(added.WhenSettledAsync());
    }

    /// <summary>Writes a copy of a message. The caller may reuse its buffer as soon as the call returns, even while it waits.</summary>
    /// <inheritdoc cref="WriteAsync(PreparedMessage, CancellationToken)"/>
    public ValueTask<SendResult> WriteAsync(Message message, CancellationToken cancellationToken = default) =>
        WriteAsync(PreparedMessage.From(message), cancellationToken);

    /// <summary>
    /// Reads all messages of all connections, in order, until the client has ended for good. Each is a copy that may be kept.
    /// </summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidOperationException"><see cref="ReconnectingClientOptions.OnMessage"/> is set, and gets the
    /// messages.</exception>
    public IAsyncEnumerable<Message> ReadAllAsync(CancellationToken cancellationToken = default) => _inbox.ReadAllAsync(cancellationToken);

    /// <summary>
    /// Gives up the connection, if there is one, and makes a new one at once, without waiting for the next attempt. Without effect before
    /// the start and after the end.
    /// </summary>
    public void Reconnect() => _loop.Reconnect();

    /// <summary>
    /// Closes the client for good. If there is a connection, what was accepted is sent first, for at most the connection's
    /// <see cref="ClientOptions.CloseTimeout"/>; otherwise it ends as <see cref="SendResult.Closed"/>.
    /// </summary>
    /// <param name="status">1000, or 3000 to 4999.</param>
    /// <param name="reason">At most 123 bytes of UTF-8. Null means empty.</param>
    /// <param name="cancellationToken">Ends the waiting, not the close.</param>
    /// <returns>Completes when the client has ended.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> may not be sent by a client that closes.</exception>
    public Task CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? reason = null,
        CancellationToken cancellationToken = default)
    {
        if ((int)status is not (1000 or (>= 3000 and <= 4999)))
            throw new ArgumentOutOfRangeException(nameof(status), status, "A client closes with 1000, or with 3000 to 4999.");

        _loop.Close(status, reason);
        return _loop.Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Closes the client for good, as <see cref="CloseAsync"/> does. Safe to repeat.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    private async ValueTask<SendResult> WaitAsync(OutgoingMessage added, CancellationToken cancellationToken)
    {
        try
        {
            return await added.WhenSettledAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _queue.Withdraw(added);
            throw;
        }
    }
}

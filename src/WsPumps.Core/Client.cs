using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Framing;
using WsPumps.Inbound;
using WsPumps.Lifetime;
using WsPumps.Outbound;
using WsPumps.Transports;

namespace WsPumps;

/// <summary>
/// The default <see cref="IClient"/>: a connection over any <see cref="WebSocket"/>, with a bounded outbound channel.
/// </summary>
/// <remarks>
/// Run both pumps, each once; the connection has ended when both have. Each deadline is kept to within a second. The
/// client does not dispose the socket: whoever accepted it does, after <see cref="Completion"/>.
/// </remarks>
public sealed partial class Client : IClient
{
    private readonly Transport _transport;
    private readonly OutboundChannel _outbound;
    private readonly WritePump _writePump;
    private readonly HandlerChain _handlers;
    private readonly Dispatcher _dispatcher;
    private readonly ReadPump _readPump;
    private readonly Ending _ending;
    private readonly Heartbeat _heartbeat;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _writeTimeout;
    private readonly TimeSpan _closeTimeout;
    private readonly long _createdAt;
    private readonly TaskCompletionSource _writingEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConcurrentDictionary<object, object?>? _items;
    private int _writePumpStarted;
    private int _readPumpStarted;
    private int _pumpsLeft = 2;

    /// <param name="webSocket">An open socket that nobody else sends to or receives from.</param>
    /// <param name="options">Limits and times; the defaults when null. Copied: later changes have no effect.</param>
    /// <param name="logger">Receives one line for the end of the connection, and the exceptions of handlers.</param>
    /// <param name="timeProvider">The clock of all deadlines; the system's when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or contradicts another.</exception>
    public Client(WebSocket webSocket, ClientOptions? options = null, ILogger? logger = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(webSocket);
        options ??= new ClientOptions();
        if (string.Join(' ', options.Validate()) is { Length: > 0 } failures)
            throw new ArgumentException(failures, nameof(options));

        Id = ConnectionId.New();
        SubProtocol = webSocket.SubProtocol;
        _logger = logger ?? NullLogger.Instance;
        _time = timeProvider ?? TimeProvider.System;
        _createdAt = _time.GetTimestamp();
        _writeTimeout = options.WriteTimeout;
        _closeTimeout = options.CloseTimeout;
        _heartbeat = Heartbeat.For(_time);
        _ending = new Ending(_writeTimeout, _closeTimeout, _time);

        _transport = new WebSocketTransport(webSocket);
        _outbound = new OutboundChannel(options.MaxQueuedMessages, options.EffectiveMaxQueuedBytes);
        _writePump = new WritePump(_outbound, _transport, _time);
        _handlers = new HandlerChain(this, _logger, options.ContinueOnHandlerError, OnHandlerError);
        _dispatcher = new Dispatcher(_handlers.InvokeAsync, options.MaxInboundMessages);
        _readPump = new ReadPump(new MessageReader(_transport, options.MaxMessageSize), _dispatcher, OnTooBig);
    }

    /// <inheritdoc/>
    /// <value>Default: 128 random bits as 22 characters that are safe in URLs.</value>
    public string Id { get; init; }

    /// <inheritdoc/>
    public ClaimsPrincipal? User { get; init; }

    /// <inheritdoc/>
    public IDictionary<object, object?> Items => _items ?? Interlocked.CompareExchange(ref _items, new(), null) ?? _items;

    /// <summary>The subprotocol that was agreed on in the handshake; null for none.</summary>
    public string? SubProtocol { get; }

    /// <summary>How many messages wait in the queue now.</summary>
    public int QueuedMessages => _outbound.Count;

    /// <inheritdoc/>
    public Task<DisconnectRecord> Completion => _completion.Task;

    /// <inheritdoc/>
    public WriteResult TryWrite(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);

        var result = _outbound.TryWrite(message);
        if (result is WriteResult.Dropped)
            BeginClose(new EndCause(DisconnectReason.SlowClient, WebSocketCloseStatus.PolicyViolation, "The client reads too slowly."), CloseMode.Now);
        return result;
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _outbound.WriteAsync(message, cancellationToken);
    }

    /// <inheritdoc/>
    public Task CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure,
        string? reason = null,
        CloseMode mode = CloseMode.Drain,
        CancellationToken cancellationToken = default)
    {
        CloseStatus.Validate(status);
        var cause = status is WebSocketCloseStatus.EndpointUnavailable ? DisconnectReason.Shutdown : DisconnectReason.LocalClosed;
        BeginClose(new EndCause(cause, status, CloseStatus.Fit(reason)), mode);
        return _writingEnded.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Abort() => Abort(new EndCause(DisconnectReason.Aborted));

    /// <inheritdoc/>
    public async Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unregister);
        StartOnce(ref _writePumpStarted, "write");
        _heartbeat.Add(this);
        await using var gone = OnConnectionGone(cancellationToken).ConfigureAwait(false);
        try
        {
            await _writePump.RunAsync().ConfigureAwait(false);
            if (_ending.Cause is { Status: { } status, Text: var text })
            {
                await _writePump.CloseAsync(status, text).ConfigureAwait(false);
                _ending.CloseSent(status);
            }
        }
        catch (Exception exception) when (Transport.IsConnectionLost(exception))
        {
            Abort(new EndCause(DisconnectReason.ConnectionLost, Exception: exception));
        }
        finally
        {
            _writingEnded.SetResult();
            PumpEnded(unregister);
        }
    }

    /// <inheritdoc/>
    public async Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unregister);
        ArgumentNullException.ThrowIfNull(handlers);
        StartOnce(ref _readPumpStarted, "read");
        _handlers.Handlers = handlers;
        await using var gone = OnConnectionGone(cancellationToken).ConfigureAwait(false);
        try
        {
            await _readPump.RunAsync().ConfigureAwait(false);
            // What came before the peer's close frame is handled, and answered, before ours goes out.
            await HandlersEndedAsync().ConfigureAwait(false);
            BeginClose(AnswerToPeer(), CloseMode.Drain);
        }
        catch (Exception exception) when (Transport.IsConnectionLost(exception))
        {
            var reason = Transport.IsProtocolError(exception) ? DisconnectReason.ProtocolError : DisconnectReason.ConnectionLost;
            End(new EndCause(reason, Exception: exception), discard: true);
            _transport.Abort();
            await _handlers.CancelAsync().ConfigureAwait(false);
            await HandlersEndedAsync().ConfigureAwait(false);
        }
        finally
        {
            PumpEnded(unregister);
        }
    }

    /// <summary>Called by the heartbeat each second. Never throws: it would end the heartbeat of all.</summary>
    internal void OnHeartbeat()
    {
        try
        {
            var now = _time.GetTimestamp();
            if (_writePump.WritingFor(now) >= _writeTimeout)
                Abort(new EndCause(DisconnectReason.WriteTimeout));
            else if (_ending.IsOverdue(now))
                Abort(new EndCause(DisconnectReason.ConnectionLost));
        }
        catch (Exception exception)
        {
            Log.HeartbeatFailed(_logger, Id, exception);
        }
    }

    /// <summary>Ends the connection with a close frame. Messages that wait for a handler are discarded.</summary>
    private void BeginClose(EndCause cause, CloseMode mode)
    {
        End(cause, discard: mode is CloseMode.Now);
        _dispatcher.Stop();
    }

    private void Abort(EndCause cause)
    {
        if (_completion.Task.IsCompleted)
            return;

        End(cause, discard: true);
        _dispatcher.Stop();
        _transport.Abort();
    }

    /// <summary>The first cause counts; a later one can still discard what the first one left to drain.</summary>
    private void End(EndCause cause, bool discard)
    {
        if (_ending.TryBegin(cause) || discard)
            _outbound.Complete(discard);
    }

    private void OnHandlerError(Exception exception) => BeginClose(
        new EndCause(DisconnectReason.HandlerError, WebSocketCloseStatus.InternalServerError, "The server failed on a message.", exception),
        CloseMode.Drain);

    private void OnTooBig(int limit) => BeginClose(
        new EndCause(DisconnectReason.MessageTooBig, WebSocketCloseStatus.MessageTooBig, $"A message may have {limit} bytes."),
        CloseMode.Drain);

    private EndCause AnswerToPeer()
    {
        var status = _transport.PeerStatus is null or WebSocketCloseStatus.Empty ? WebSocketCloseStatus.NormalClosure : _transport.PeerStatus;
        return new EndCause(DisconnectReason.PeerClosed, status, CloseStatus.Fit(_transport.PeerReason));
    }

    /// <summary>Waits for the handler that is at work, but not for ever: a connection that has ended goes on ending.</summary>
    private async Task HandlersEndedAsync()
    {
        try
        {
            await _dispatcher.WhenIdleAsync().WaitAsync(_closeTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.HandlerStillRunning(_logger, Id, _closeTimeout);
            _dispatcher.Stop();
            await _handlers.CancelAsync().ConfigureAwait(false);
        }
    }

    private CancellationTokenRegistration OnConnectionGone(CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static client => ((Client)client!)._ending.ConnectionGone(), this);

    private void StartOnce(ref int started, string pump)
    {
        if (Interlocked.Exchange(ref started, 1) != 0)
            throw new InvalidOperationException($"The {pump} pump of client {Id} was started before. Each pump runs once.");
    }

    private void PumpEnded(Action<IClient> unregister)
    {
        if (Interlocked.Decrement(ref _pumpsLeft) > 0)
            return;

        _heartbeat.Remove(this);
        var record = Record();
        Log.Ended(_logger, Id, record);
        _completion.SetResult(record);
        unregister(this);
    }

    private DisconnectRecord Record()
    {
        var (unsentMessages, unsentBytes) = _outbound.Discarded;
        return new DisconnectRecord
        {
            Reason = _ending.Cause!.Reason,
            LocalStatus = _ending.StatusSent,
            PeerStatus = _transport.PeerStatus,
            PeerReason = _transport.PeerReason,
            Exception = _ending.Cause.Exception,
            Duration = _time.GetElapsedTime(_createdAt),
            MessagesSent = _writePump.MessagesSent,
            BytesSent = _writePump.BytesSent,
            MessagesReceived = _readPump.MessagesReceived,
            BytesReceived = _readPump.BytesReceived,
            MessagesUnsent = unsentMessages + (_writePump.Failed is null ? 0 : 1),
            BytesUnsent = unsentBytes + (_writePump.Failed?.Length ?? 0),
        };
    }
}

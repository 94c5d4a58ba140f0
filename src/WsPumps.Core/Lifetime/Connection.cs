using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Framing;
using WsPumps.Inbound;
using WsPumps.Outbound;
using WsPumps.Sessions;
using WsPumps.Transports;

namespace WsPumps.Lifetime;

/// <summary>
/// What runs behind a <see cref="Client"/>: the two pumps, and the one place where a connection ends. Whatever ends it comes
/// through <see cref="Close"/>, with a close frame, or <see cref="Abort"/>, without; the first cause counts.
/// </summary>
internal sealed partial class Connection : IQueueOwner
{
    private readonly Transport _transport;
    private readonly WritePump _writePump;
    private readonly Session? _session;
    private readonly TimeSpan _closeTimeout;
    private Wire _wire;
    private readonly ReadPump _readPump;
    private readonly HandlerChain _handlers;
    private readonly Dispatcher _dispatcher;
    private readonly Disconnection _disconnection;
    private volatile bool _readingEnded;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _writeTimeout;
    private readonly ConnectionCounters _counters;
    private readonly PumpsMetrics? _metrics;
    private readonly ConnectionMeter? _meter;
    private readonly Deadlines _deadlines;
    private readonly IConnectionOwner _client;

    public Connection(
        IConnectionOwner client, WebSocket webSocket, ClientOptions options, ResumeOptions? resume, QueueBudget? budget,
        PumpsMetrics? metrics, ILogger logger, TimeProvider time, StreamedInput? streamed = null)
    {
        _streamed = streamed;
        _client = client;
        _logger = logger;
        _time = time;
        _metrics = metrics;
        _writeTimeout = options.WriteTimeout;
        _disconnection = new Disconnection(_writeTimeout, options.CloseTimeout, time);

        _closeTimeout = options.CloseTimeout;
        _wire = Wire.Over(webSocket, options.MaxMessageSize, streamed, time);
        _session = resume is null ? null : new Session(_wire, resume, OnLost, time);
        _transport = _session?.Transport ?? _wire.Transport;
        QueueEvents = new QueueEvents(client, time, logger);
        Outbound = new OutboundQueue(OutboundBounds.Of(options), time, QueueEvents, this, budget);

        Control = new ControlFrames(client, this, _transport, options.PongTimeout, time, logger);
        _writePump = new WritePump(Outbound, _transport, Control, time, Lanes.Shared.Next()) { Sent = _session?.Sent };
        _handlers = new HandlerChain(
            client, logger, options, time, exception => Close(DisconnectCause.HandlerError(exception), CloseMode.Drain), metrics)
        {
            StreamHandler = streamed?.Handler,
        };
        _dispatcher = new Dispatcher(_handlers.InvokeAsync, InboundBounds.Of(options, budget), time as IWorkCounter);
        _readPump = new ReadPump(_wire.Reader, _dispatcher, Control) { Rate = InboundRate.Of(options, time) };
        Authentication = new Authentication(client, options.AuthenticationNotice, time, logger);
        _deadlines = new Deadlines(options, Authentication, time);

        _counters = new ConnectionCounters(Outbound, _readPump, Control, _transport, time);
        _meter = metrics is null ? null : new ConnectionMeter(metrics, _counters, Control, Outbound);
    }

    public OutboundQueue Outbound { get; }

    public ControlFrames Control { get; }

    public QueueEvents QueueEvents { get; }

    public Authentication Authentication { get; }

    /// <summary>Whom to ask for each message; to be set before the pumps start.</summary>
    public Func<int, CancellationToken, ValueTask<bool>>? AdmitMessage
    {
        set => (_readPump.Rate ??= new InboundRate(new ClientOptions(), _time)).Admit = value;
    }

    public long QueuedBytes => Outbound.Counters().QueuedBytes;

    /// <summary>Writes until the queue is completed and empty, then the close frame, if the connection ends with one.</summary>
    public async Task WriteAsync(TimeSpan pingInterval, Action<IClient> unregister, CancellationToken connectionGone)
    {
        Control.PingInterval = _transport.SendsPings && pingInterval > TimeSpan.Zero ? pingInterval : TimeSpan.Zero;
        NoteChange();
        _meter?.Begin();
        Watch(connectionGone);
        try
        {
            await _writePump.RunAsync(_session is null ? connectionGone : CancellationToken.None).ConfigureAwait(false);
            if (!_writePump.IsAborted && _disconnection.Cause is { Status: { } status, Text: var text })
            {
                await _writePump.CloseAsync(status, text).ConfigureAwait(false);
                // The end of a write that an abort has cut short looks like any other.
                if (!_writePump.IsAborted)
                    _disconnection.CloseSent(status, text);
            }
        }
        catch (Exception exception)
        {
            Abort(CauseOf(exception));
        }
        finally
        {
            _client.WritingEnded(unregister);
        }
    }

    /// <summary>Reads until the peer's close frame has come, or the connection is lost.</summary>
    public async Task ReadAsync(IReadOnlyList<MessageHandler> handlers, Action<IClient> unregister, CancellationToken connectionGone)
    {
        _handlers.Handlers = handlers;
        _disconnection.ReadingBegun();
        NoteChange();
        Watch(connectionGone);
        try
        {
            // A handler that blocks its thread must not block whoever starts the pump.
            (_time as IWorkCounter)?.Begin();
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            (_time as IWorkCounter)?.End();
            var outcome = await (_session is null ? _readPump.RunAsync() : ReadAllAsync(_session)).ConfigureAwait(false);
            if (outcome is not ReadOutcome.Closed)
            {
                Close(CauseOf(outcome), CloseMode.Drain);
                await _wire.Reader.DiscardAsync().ConfigureAwait(false);
            }

            _readingEnded = true;
            // What came before the peer's close frame is handled, and answered, before ours goes out.
            await _handlers.EndedAsync(_dispatcher).ConfigureAwait(false);
            // A message whose end is up to the application may never have one, and nothing can follow the half of it.
            Close(DisconnectCause.Peer(_transport.PeerStatus, _transport.PeerReason),
                Outbound.AwaitsFragments ? CloseMode.Now : CloseMode.Drain);
        }
        catch (Exception exception)
        {
            OnReadingFailed(exception);
            await _handlers.CancelAsync().ConfigureAwait(false);
            await _handlers.EndedAsync(_dispatcher).ConfigureAwait(false);
        }
        finally
        {
            _wire.Reader.Release();
            _client.ReadingEnded(unregister);
        }
    }

    public void BeginCork() => _writePump.BeginCork();

    public void EndCork() => _writePump.EndCork();

    /// <summary>A message found no room: ends a connection whose policy says that it is too slow then.</summary>
    public void Refused(PreparedMessage message)
    {
        if (Outbound.PolicyFor(message) is SlowClientPolicy.Disconnect)
            Close(DisconnectCause.SlowClient(), CloseMode.Now);
    }

    /// <inheritdoc/>
    public void GiveWay(long bytes)
    {
        if (Outbound.Policy is SlowClientPolicy.Disconnect || !Outbound.TryShed(bytes))
            Close(DisconnectCause.SlowClient(), CloseMode.Now);
    }

    /// <summary>Ends the connection with a close frame. Messages that still wait for a handler are discarded.</summary>
    public void Close(DisconnectCause cause, CloseMode mode)
    {
        End(cause, discard: mode is CloseMode.Now);
        StopHandling();
        // There is nobody to say it to.
        if (_session is { IsAway: true })
            Abort(cause);
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort(DisconnectCause cause)
    {
        _writePump.IsAborted = true;
        End(cause, discard: true);
        StopHandling();
        _disconnection.Aborted();
        _wire.Reader.Abort();
        _transport.Abort();
        _session?.End();
    }

    public ClientStatistics Statistics() => _counters.Now();

    /// <summary>How it ended, to be asked for when both pumps have.</summary>
    public DisconnectRecord Report()
    {
        Outbound.End();
        _meter?.End();
        _disconnection.Unwatch();
        return _counters.Close(_disconnection);
    }

    /// <summary>The first cause counts; a later one can still discard what the first one left to drain.</summary>
    private void End(DisconnectCause cause, bool discard)
    {
        if (_disconnection.TryBegin(cause) || discard)
            Outbound.Complete(discard);
    }

    /// <summary>No further message reaches a handler, and the reader waits for none.</summary>
    private void StopHandling()
    {
        _dispatcher.Stop();
        _readPump.Rate?.Stop();
        _wire.Reader.Streaming?.Stop();
    }

    private void OnReadingFailed(Exception exception)
    {
        var lost = CauseOf(exception);
        // Whichever close came first, this one or an earlier one that the peer answers with a protocol error: the queue and the close frame
        // are still to be written, and the heartbeat ends it if that takes too long.
        if (_disconnection.Cause is { Status: not null } && lost.Reason is DisconnectReason.ProtocolError)
            return;

        _writePump.IsAborted = true;
        End(lost, discard: true);
        _disconnection.Aborted();
        _transport.Abort();
        _session?.End();
    }

    private void Watch(CancellationToken connectionGone)
    {
        if (_session is null)
            _disconnection.Watch(connectionGone);
        else
            _wire.Watch(connectionGone);
    }

    private DisconnectCause CauseOf(ReadOutcome outcome) => outcome switch
    {
        ReadOutcome.TooBig => DisconnectCause.TooBig(_wire.Reader.MaxMessageSize),
        ReadOutcome.StreamTooBig => DisconnectCause.TooBig(_streamed!.MaxSize),
        ReadOutcome.Unwanted => DisconnectCause.Unwanted(),
        ReadOutcome.TooFast => DisconnectCause.Rule(DisconnectReason.RateLimited),
        _ => DisconnectCause.ProtocolError(_wire.Reader.Error!),
    };

    /// <summary>
    /// A lost connection is an ordinary end, reported as one. Anything else is a fault of ours or of the socket's. An operation that is
    /// invalid is the platform's word for a connection that is gone only once we know that it is.
    /// </summary>
    private DisconnectCause CauseOf(Exception exception)
    {
        var isInvalid = exception is InvalidOperationException and not ObjectDisposedException && !_disconnection.HasBegun;
        if (!isInvalid && ConnectionErrors.IsConnectionLost(exception))
        {
            return DisconnectCause.Without(ConnectionErrors.IsProtocolError(exception)
                ? DisconnectReason.ProtocolError : DisconnectReason.ConnectionLost, exception);
        }

        Log.PumpFailed(_logger, _client.Id, exception);
        return DisconnectCause.Without(DisconnectReason.ServerError, exception);
    }

    private static partial class Log
    {
        [LoggerMessage(13, LogLevel.Error, "Connection {ConnectionId}: a pump failed in a way that is no lost connection.",
            EventName = "PumpFailed")]
        public static partial void PumpFailed(ILogger logger, string connectionId, Exception exception);
    }
}

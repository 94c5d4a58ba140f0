using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Inbound;
using WsPumps.Outbound;
using WsPumps.Sessions;
using WsPumps.Transports;

namespace WsPumps.Lifetime;

/// <summary>
/// What runs behind a <see cref="Client"/>: the two pumps, and the one place where a connection ends. Whatever ends it comes
/// through <see cref="Close"/>, with a close frame, or <see cref="Abort"/>, without; the first cause counts.
/// </summary>
internal sealed class Connection : IQueueOwner
{
    private readonly ILogger _logger;
    private readonly HandlerChain _handlers;
    private readonly ConnectionCounters _counters;
    private readonly ConnectionMeter? _meter;
    private Wire _wire;

    public Connection(
        IConnectionOwner client, WebSocket webSocket, ClientOptions options, ResumeOptions? resume, QueueBudget? budget,
        PumpsMetrics? metrics, ILogger logger, TimeProvider time, StreamedInput? streamed = null, DateTimeOffset? connectedAt = null)
    {
        (Client, Time, Streamed, _logger) = (client, time, streamed, logger);
        Disconnection = new Disconnection(options.WriteTimeout, options.CloseTimeout, time);
        _wire = Wire.Over(webSocket, options.MaxMessageSize, streamed, options.EffectiveMaxSocketBytes, time);
        Session = resume is null ? null : new ConnectionSession(this, _wire, resume, options, logger);
        Transport = Session?.Transport ?? _wire.Transport;
        Outbound = new OutboundQueue(OutboundBounds.Of(options), time, new QueueEvents(client, time, logger), this, budget);

        Control = new ControlFrames(client, this, Transport, options.PongTimeout, time, logger);
        WritePump = new WritePump(Outbound, Transport, Control, time, Lanes.Shared.Next()) { Sent = Session?.Sent };
        _handlers = new HandlerChain(
            client, logger, options, time, exception => Close(DisconnectCause.HandlerError(exception), CloseMode.Drain), metrics)
        {
            StreamHandler = streamed?.Handler,
        };
        Dispatcher = new Dispatcher(_handlers.InvokeAsync, InboundBounds.Of(options, budget), time as IWorkCounter);
        ReadPump = new ReadPump(_wire.Reader, Dispatcher, Control) { Rate = InboundRate.Of(options, time) };
        Authentication = new Authentication(client, options.AuthenticationNotice, time, logger);

        _counters = new ConnectionCounters(Outbound, ReadPump, Control, Transport, time)
        {
            ConnectedAt = connectedAt ?? time.GetUtcNow(),
        };
        _meter = metrics is null ? null : new ConnectionMeter(metrics, _counters, Control, Outbound);
        Watch = new ConnectionWatch(this, options, metrics, _meter, logger);
    }

    public IConnectionOwner Client { get; }

    public TimeProvider Time { get; }

    public Transport Transport { get; }

    public WritePump WritePump { get; }

    public ReadPump ReadPump { get; }

    public Dispatcher Dispatcher { get; }

    public Disconnection Disconnection { get; }

    /// <summary>Null where the client ends with its connection.</summary>
    public ConnectionSession? Session { get; }

    public ConnectionWatch Watch { get; }

    /// <summary>Null where messages are put together.</summary>
    public StreamedInput? Streamed { get; }

    public MessageReader Reader => _wire.Reader;

    /// <summary>Whether nothing more will be read.</summary>
    public bool HasReadAll { get; set; }

    public OutboundQueue Outbound { get; }

    public ControlFrames Control { get; }

    public Authentication Authentication { get; }

    /// <summary>Called for each message; to be set before the pumps start.</summary>
    public Func<int, CancellationToken, ValueTask<bool>>? AdmitMessage
    {
        set => (ReadPump.Rate ??= new InboundRate(new ClientOptions(), Time)).Admit = value;
    }

    /// <summary>Writes until the queue is completed and empty, then the close frame, if the connection ends with one.</summary>
    public async Task WriteAsync(TimeSpan pingInterval, Action<IClient> unregister, CancellationToken connectionGone)
    {
        Control.PingInterval = Transport.SendsPings && pingInterval > TimeSpan.Zero ? pingInterval : TimeSpan.Zero;
        Watch.NoteChange();
        _meter?.Begin();
        NoteGone(connectionGone);
        try
        {
            if (Session is not null)
                await Session.BeginAsync().ConfigureAwait(false);
            await WritePump.RunAsync(Session is null ? connectionGone : CancellationToken.None).ConfigureAwait(false);
            if (!WritePump.IsAborted && Disconnection.Cause is { Status: { } status, Text: var text })
            {
                await WritePump.CloseAsync(status, text).ConfigureAwait(false);
                // The end of a write that an abort has cut short looks like any other.
                if (!WritePump.IsAborted)
                    Disconnection.CloseSent(status, text);
            }
        }
        catch (Exception exception)
        {
            Abort(CauseOf(exception));
        }
        finally
        {
            Client.WritingEnded(unregister);
        }
    }

    /// <inheritdoc cref="ReadRun.RunAsync"/>
    public Task ReadAsync(IReadOnlyList<MessageHandler> handlers, Action<IClient> unregister, CancellationToken connectionGone)
    {
        _handlers.Handlers = handlers;
        Disconnection.ReadingBegun();
        Watch.NoteChange();
        NoteGone(connectionGone);
        return new ReadRun(this, _handlers).RunAsync(unregister);
    }

    /// <summary>Reads all that comes, over one connection or, with a session, over several.</summary>
    public Task<ReadOutcome> ReadToTheEndAsync() => Session is null ? ReadPump.RunAsync() : Session.ReadAllAsync(_wire);

    /// <summary>A message found no room: ends a connection whose policy says that it is too slow then.</summary>
    public void Refused(PreparedMessage message)
    {
        if (Outbound.Bounds.PolicyFor(message) is SlowClientPolicy.Disconnect)
            Close(DisconnectCause.SlowClient(), CloseMode.Now);
    }

    public void GiveWay(long bytes)
    {
        if (Outbound.Bounds.Policy is SlowClientPolicy.Disconnect || !Outbound.TryShed(bytes))
            Close(DisconnectCause.SlowClient(), CloseMode.Now);
    }

    /// <summary>Ends the connection with a close frame. Messages that still wait for a handler are discarded.</summary>
    public void Close(DisconnectCause cause, CloseMode mode)
    {
        End(cause, discard: mode is CloseMode.Now);
        StopHandling();
        // There is nobody to say it to.
        if (Session is { IsAway: true })
            Abort(cause);
    }

    /// <summary>Ends the connection without a close frame, unless its session waits for another.</summary>
    public void Lose(DisconnectCause cause)
    {
        if (Session is null || !Session.TryLose(cause))
            Abort(cause);
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort(DisconnectCause cause)
    {
        WritePump.IsAborted = true;
        End(cause, discard: true);
        StopHandling();
        Disconnection.Aborted();
        Reader.Abort();
        Transport.Abort();
        Session?.End();
    }

    /// <summary>The connection is lost, or was reset by a peer that has been sent the close frame.</summary>
    public void ReadingFailed(Exception exception)
    {
        var lost = CauseOf(exception);
        // Whichever close came first, this one or an earlier one that the peer answers with a protocol error: the queue and the close frame
        // are still to be written, and the heartbeat ends it if that takes too long.
        if (Disconnection.Cause is { Status: not null } && lost.Reason is DisconnectReason.ProtocolError)
            return;

        WritePump.IsAborted = true;
        End(lost, discard: true);
        Disconnection.Aborted();
        Transport.Abort();
        Session?.End();
    }

    /// <summary>Goes on with another connection.</summary>
    public void Use(Wire wire)
    {
        Volatile.Write(ref _wire, wire);
        Control.Reset();
    }

    public ClientStatistics Statistics() => _counters.Now();

    /// <summary>How it ended, to be asked for when both pumps have.</summary>
    public DisconnectRecord Report()
    {
        Outbound.End();
        _meter?.End();
        Disconnection.Unwatch();
        return _counters.Close(Disconnection);
    }

    /// <summary>The first cause counts; a later one can still discard what the first one left to drain.</summary>
    private void End(DisconnectCause cause, bool discard)
    {
        if (Disconnection.TryBegin(cause) || discard)
            Outbound.Complete(discard);
    }

    /// <summary>No further message reaches a handler, and the reader waits for none.</summary>
    private void StopHandling()
    {
        Dispatcher.Stop();
        ReadPump.Rate?.Stop();
        Reader.Streaming?.Stop();
    }

    private void NoteGone(CancellationToken connectionGone)
    {
        if (Session is null)
            Disconnection.Watch(connectionGone);
        else
            _wire.Watch(connectionGone);
    }

    private DisconnectCause CauseOf(Exception exception)
    {
        var cause = DisconnectCause.Of(exception, Disconnection.HasBegun);
        if (cause.Reason is DisconnectReason.ServerError)
            DisconnectLog.PumpFailed(_logger, Client.Id, exception);
        return cause;
    }
}

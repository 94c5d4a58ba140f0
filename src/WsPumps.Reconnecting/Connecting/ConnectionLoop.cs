using System.Net.WebSockets;
using WsPumps.Incoming;
using WsPumps.Outgoing;
using WsPumps.Resuming;

namespace WsPumps.Connecting;

/// <summary>
/// One connection after the other, with waits between them, until it is over for good. The only code that makes connections.
/// </summary>
internal sealed class ConnectionLoop(
    ReconnectingClientOptions options,
    Func<IReadOnlyList<string>, CancellationToken, Task<Attempt>> connect,
    OutgoingQueue queue,
    Inbox inbox,
    Backoff backoff,
    TimeProvider time,
    ReconnectingLog log)
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<ReconnectingClientEnd> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _reconnect = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile LiveConnection? _live;
    private volatile ReconnectingClientState _state;
    private bool _started;
    private (WebSocketCloseStatus Status, string? Reason) _close = (WebSocketCloseStatus.NormalClosure, null);
    private readonly ClientSession? _session = options.Resume ? new ClientSession(options.MaxResendMessages, options.MaxResendBytes) : null;
    private readonly UnsettledMessages _unsettled = new(queue, time);
    private volatile string? _subProtocol;
    private readonly RetryPolicy _retries = new(options, backoff);
    private long _connections;

    public ReconnectingClientState State => _state;

    public Task<ReconnectingClientEnd> Completion => _completion.Task;

    /// <summary>Completes with the first connection, or with false at an end without one.</summary>
    public Task<bool> Connected => _connected.Task;

    /// <summary>The subprotocol of the application; null without a connection.</summary>
    public string? SubProtocol => _live is null ? null : _subProtocol;

    public Client? Connection => _live?.Client;

    public long Connections => Volatile.Read(ref _connections);

    public void Start()
    {
        lock (_lock)
        {
            if (_started)
                return;
            _started = true;
        }

        _ = RunAsync();
    }

    public void Reconnect()
    {
        lock (_lock)
        {
            _reconnect.TrySetResult();
            _live?.Client.Abort();
        }
    }

    public void Close(WebSocketCloseStatus status, string? reason)
    {
        lock (_lock)
        {
            if (_closing.IsCancellationRequested)
                return;
            _close = (status, reason);
        }

        queue.Complete();
        _closing.Cancel();
        // One that was never started ends as well.
        Start();
    }

    private async Task RunAsync()
    {
        ReconnectingClientEnd? end = null;
        try
        {
            while (end is null)
            {
                _state = ReconnectingClientState.Connecting;
                lock (_lock)
                    _reconnect = new(TaskCreationOptions.RunContinuationsAsynchronously);
                var attempt = await connect(Offer(), _closing.Token).ConfigureAwait(false);
                var (over, lost) = attempt.Socket is null ? _retries.After(attempt) : await UseAsync(attempt, attempt.Socket)
                    .ConfigureAwait(false);
                end = over;
                if (lost is not null)
                    await WaitAsync(lost).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Closed while there was no connection.
        }
        catch (Exception exception)
        {
            end = new ReconnectingClientEnd { Reason = StopReason.Misconfigured, Exception = exception };
        }

        _state = ReconnectingClientState.Closed;
        _unsettled.SettleAll(SendResult.Unknown);
        _unsettled.Dispose();
        queue.Close();
        queue.Dispose();
        inbox.Close();
        end ??= new ReconnectingClientEnd { Reason = StopReason.Closed };
        log.Ended(end);
        _connected.TrySetResult(false);
        _completion.TrySetResult(end);
    }

    private IReadOnlyList<string> Offer()
    {
        // Something on the way may not let such names through. By the sixth failure no server keeps the session.
        var plain = _retries.Unopened > 5 && _retries.Unopened % 2 != 0;
        if (_session is null || plain)
            return [.. options.SubProtocols];
        return
        [
            _session.Offer(inbox.Received),
            .. options.SubProtocols.Count > 0 ? options.SubProtocols : [ResumeNames.Fresh],
            .. _connections > 0 || _retries.Unopened > 0 ? [ResumeNames.Again] : Array.Empty<string>(),
        ];
    }

    private async Task<(ReconnectingClientEnd? End, ReconnectingEvent? Lost)> UseAsync(Attempt attempt, WebSocket socket)
    {
        _retries.Opened();
        if (Begin(attempt, socket) is { } beginning)
            return _retries.After(await ServeAsync(socket, beginning).ConfigureAwait(false), _closing.IsCancellationRequested);

        // Nobody can say what the server has: this session is over, for both.
        using (socket)
        using (var timeout = new CancellationTokenSource(options.ConnectTimeout, time))
        {
            try
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "The session cannot be resumed", timeout.Token)
                    .ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
            {
                // It was lost in between: the server's window ends the session.
            }
        }

        var mismatch = new InvalidOperationException("The server has another count of messages than the client can have sent. Another " +
            "session follows.");
        return _retries.After(new Attempt { Exception = mismatch });
    }

    /// <returns>Null where the session is broken.</returns>
    private Beginning? Begin(Attempt attempt, WebSocket socket)
    {
        var isResumed = _session is not null && ResumeNames.IsResumed(socket.SubProtocol);
        var lost = isResumed ? _session!.LostOf(attempt.Received ?? -1) : [];
        if (isResumed && lost is not null)
        {
            _unsettled.Received(attempt.Received!.Value);
        }
        else
        {
            _unsettled.SettleAll(SendResult.Unknown);
            _session?.Begin(inbox.Received, anew: isResumed);
            if (isResumed)
                return null;
            _subProtocol = _session is null ? socket.SubProtocol : ResumeNames.OfApplication(socket.SubProtocol);
        }

        return new Beginning
        {
            IsReconnect = _connections > 0,
            IsResumed = isResumed,
            Missed = isResumed ? null : attempt.Missed,
            SubProtocol = _subProtocol,
            Lost = [.. lost!],
        };
    }

    private async Task<DisconnectRecord> ServeAsync(WebSocket socket, Beginning beginning)
    {
        await using var live = new LiveConnection(socket, options, queue, inbox, time, log, _session, _unsettled);
        lock (_lock)
        {
            // Who asked during the attempt wants another connection than the lost one: this is it.
            _live = live;
            _reconnect = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _state = ReconnectingClientState.Connected;
        Volatile.Write(ref _connections, _connections + 1);
        _retries.Served();
        options.Metrics?.Attempted("connected");
        options.Metrics?.Connected();
        log.Connected(_connections, beginning.IsResumed, beginning.SubProtocol);
        _connected.TrySetResult(true);
        try
        {
            return await live.RunAsync(beginning, () => _close, _closing.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
                _live = null;
            options.Metrics?.Disconnected();
        }
    }

    private async Task WaitAsync(ReconnectingEvent lost)
    {
        _state = ReconnectingClientState.Waiting;
        log.Reconnecting(lost);
        try
        {
            if (options.Reconnecting is { } reconnecting)
                await reconnecting(lost).AsTask().WaitAsync(options.ConnectTimeout, time, _closing.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!_closing.IsCancellationRequested)
        {
            log.CallbackFailed(nameof(options.Reconnecting), exception);
        }

        Task reconnect;
        lock (_lock)
            reconnect = _reconnect.Task;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        await Task.WhenAny(Task.Delay(lost.Delay, time, ends.Token), reconnect).ConfigureAwait(false);
        await ends.CancelAsync().ConfigureAwait(false);
        _closing.Token.ThrowIfCancellationRequested();
    }
}

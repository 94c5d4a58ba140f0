using System.Net.WebSockets;
using WsPumps.Incoming;
using WsPumps.Outgoing;
using WsPumps.Resuming;

namespace WsPumps.Connecting;

/// <summary>One connection from its handshake to its end: the two pumps, and the sender that hands over what waits.</summary>
internal sealed class LiveConnection : IAsyncDisposable
{
    private readonly WebSocket _socket;
    private readonly ReconnectingClientOptions _options;
    private readonly Inbox _inbox;
    private readonly TimeProvider _time;
    private readonly ReconnectingLog _log;
    private readonly Sender _sender;

    public LiveConnection(WebSocket socket, ReconnectingClientOptions options, OutgoingQueue queue, Inbox inbox, TimeProvider time,
        ReconnectingLog log, ClientSession? session, UnsettledMessages unsettled)
    {
        (_socket, _options, _inbox, _time, _log) = (socket, options, inbox, time, log);
        Client = new Client(socket, new ClientSettings { Options = options.Connection, Logger = options.Logger, TimeProvider = time });
        _sender = new Sender(queue, Client, session, unsettled);
    }

    public Client Client { get; }

    /// <summary>
    /// Runs the connection until nothing of it is left. When <paramref name="closing"/> fires, what waits is sent first, then it is closed.
    /// </summary>
    /// <param name="beginning">How it began.</param>
    /// <param name="close">With what it is to be closed then.</param>
    /// <param name="closing">Fires when it is to be closed.</param>
    public async Task<DisconnectRecord> RunAsync(Beginning beginning, Func<(WebSocketCloseStatus Status, string? Reason)> close,
        CancellationToken closing)
    {
        using var ended = new CancellationTokenSource();
        // From the moment the close is asked for, a peer that does not take what waits has this long.
        await using var deadline = _time.CreateTimer(static client => ((Client)client!).Abort(), Client, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        await using var closes = closing.Register(() => deadline.Change(_options.Connection.CloseTimeout, Timeout.InfiniteTimeSpan));
        _inbox.ConnectionBegins();
        var pumps = Task.WhenAll(
            Client.WritePumpAsync(static _ => { }, _options.Connection.PingInterval, CancellationToken.None),
            Client.ReadPumpAsync(static _ => { }, [(_, message, cancellationToken) => _inbox.ReceiveAsync(message, cancellationToken)],
                CancellationToken.None));
        var sending = SendAsync(beginning, close, closing, ended.Token);
        var record = await Client.Completion.ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        _sender.ConnectionEnded(record);
        // A handler that blocks may keep a pump beyond the end, which its own deadline has told of.
        _ = pumps;
        return record;
    }

    /// <summary>Waits until the peer has closed its end too, so that no close frame is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_socket is IAsyncDisposable socket)
            await socket.DisposeAsync().ConfigureAwait(false);
        else
            _socket.Dispose();
    }

    private async Task SendAsync(Beginning beginning, Func<(WebSocketCloseStatus Status, string? Reason)> close, CancellationToken closing,
        CancellationToken ended)
    {
        try
        {
            await _sender.ResendAsync(beginning.Lost, ended).ConfigureAwait(false);
            if (_options.Connected is { } connected)
                await connected(Context(beginning, ended)).AsTask().WaitAsync(ended).ConfigureAwait(false);
        }
        catch (Exception exception) when (!ended.IsCancellationRequested)
        {
            _log.CallbackFailed(nameof(_options.Connected), exception);
            Client.Abort();
            return;
        }
        catch (Exception)
        {
            // The connection has ended, and with it what the callback was about.
            return;
        }

        try
        {
            await _sender.RunAsync(ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return;
        }

        if (!closing.IsCancellationRequested)
            return;

        var (status, reason) = close();
        await Client.CloseAsync(status, reason, cancellationToken: CancellationToken.None).ConfigureAwait(false);
    }

    private ConnectedContext Context(Beginning beginning, CancellationToken ended) => new(_sender.WriteAheadAsync)
    {
        IsReconnect = beginning.IsReconnect,
        IsResumed = beginning.IsResumed,
        MessagesMissed = beginning.Missed,
        SubProtocol = beginning.SubProtocol,
        CancellationToken = ended,
    };
}

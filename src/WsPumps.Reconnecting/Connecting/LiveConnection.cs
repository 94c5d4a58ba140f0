using System.Net.WebSockets;
using WsPumps.Incoming;
using WsPumps.Outgoing;

namespace WsPumps.Connecting;

/// <summary>One connection from its handshake to its end: the two pumps, and the sender that hands over what waits.</summary>
internal sealed class LiveConnection : IDisposable
{
    private readonly WebSocket _socket;
    private readonly ReconnectingClientOptions _options;
    private readonly Inbox _inbox;
    private readonly TimeProvider _time;
    private readonly ReconnectingLog _log;
    private readonly Sender _sender;

    public LiveConnection(WebSocket socket, ReconnectingClientOptions options, OutgoingQueue queue, Inbox inbox, TimeProvider time, ReconnectingLog log)
    {
        (_socket, _options, _inbox, _time, _log) = (socket, options, inbox, time, log);
        Client = new Client(socket, new ClientSettings { Options = options.Connection, Logger = options.Logger, TimeProvider = time });
        _sender = new Sender(queue, Client);
    }

    public Client Client { get; }

    /// <summary>Runs the connection until nothing of it is left. When <paramref name="closing"/> fires, what waits is sent first, then it is closed.</summary>
    public async Task<DisconnectRecord> RunAsync(bool isReconnect, Func<(WebSocketCloseStatus Status, string? Reason)> close, CancellationToken closing)
    {
        using var ended = new CancellationTokenSource();
        // From the moment the close is asked for, a peer that does not take what waits has this long.
        await using var deadline = _time.CreateTimer(static client => ((Client)client!).Abort(), Client, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var closes = closing.Register(() => deadline.Change(_options.Connection.CloseTimeout, Timeout.InfiniteTimeSpan));
        var pumps = Task.WhenAll(
            Client.WritePumpAsync(static _ => { }, _options.Connection.PingInterval, CancellationToken.None),
            Client.ReadPumpAsync(static _ => { }, [(_, message, cancellationToken) => _inbox.ReceiveAsync(message, cancellationToken)], CancellationToken.None));
        var sending = SendAsync(isReconnect, close, closing, ended.Token);
        var record = await Client.Completion.ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        _sender.ConnectionEnded(record);
        // A handler that blocks may keep a pump beyond the end, which its own deadline has told of.
        _ = pumps;
        return record;
    }

    public void Dispose() => _socket.Dispose();

    private async Task SendAsync(bool isReconnect, Func<(WebSocketCloseStatus Status, string? Reason)> close, CancellationToken closing, CancellationToken ended)
    {
        try
        {
            if (_options.Connected is { } connected)
                await connected(new ConnectedContext(Client, isReconnect, _sender.WriteAheadAsync) { CancellationToken = ended }).AsTask().WaitAsync(ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            _log.CallbackFailed(nameof(_options.Connected), exception);
            Client.Abort();
            return;
        }

        await _sender.RunAsync(ended).ConfigureAwait(false);
        if (!ended.IsCancellationRequested && closing.IsCancellationRequested)
        {
            var (status, reason) = close();
            await Client.CloseAsync(status, reason, cancellationToken: CancellationToken.None).ConfigureAwait(false);
        }
    }
}

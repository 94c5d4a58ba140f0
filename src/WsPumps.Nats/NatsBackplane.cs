using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using WsPumps.Nats;

namespace WsPumps;

/// <summary>A cluster engine on core NATS: at most once, nothing is kept.</summary>
/// <remarks>
/// A message that is larger than the server's <c>max_payload</c> (1 MiB by default) is lost, logged, and counted as missing by the other
/// servers.
/// </remarks>
public sealed partial class NatsBackplane : IBackplane
{
    /// <summary>How long a stopping server waits at most until the NATS server has what it published last.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private readonly NatsBackplaneOptions _options;
    private readonly NatsConnection _connection;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, NatsSubscription> _subscriptions = [];
    private readonly Lock _lock = new();
    private readonly BackplaneReporter _reporter;
    private Task _connecting = Task.CompletedTask;
    private Task _publishing = Task.CompletedTask;
    private volatile bool _isPublishing;

    /// <param name="options">How NATS is reached. Copied.</param>
    /// <param name="logger">Logs connections, losses and failures.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public NatsBackplane(NatsBackplaneOptions options, ILogger<NatsBackplane> logger, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Checked();
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger;
        _reporter = new BackplaneReporter(_time);
        var own = NatsOpts.Default with
        {
            Url = _options.Url,
            Name = "WsPumps",
            PingInterval = _options.ProbeInterval,
            MaxPingOut = 2,
            MaxReconnectRetry = -1,
            ReconnectWaitMin = _options.MinBackoff,
            ReconnectWaitMax = _options.MaxBackoff,
            ReconnectJitter = _options.MinBackoff,
            // Rather slow down the server, which then tells by a lost connection, than drop here.
            SubPendingChannelFullMode = System.Threading.Channels.BoundedChannelFullMode.Wait,
        };
        _connection = new NatsConnection(_options.Configure?.Invoke(own) ?? own);
    }

    /// <inheritdoc/>
    public string Name => "nats";

    /// <inheritdoc/>
    public BackplaneStatus Status => _reporter.Status;

    /// <inheritdoc/>
    public ValueTask StartAsync(IBackplaneReceiver receiver, CancellationToken cancellationToken)
    {
        _reporter.Begin(receiver);
        _connection.ConnectionOpened += (_, _) => Done(_reporter.Connected);
        _connection.ConnectionDisconnected += (_, lost) => Done(() =>
            _reporter.Lost($"the connection to {NatsFailure.AddressesOf(lost.Message)} has ended"));
        _connection.ReconnectFailed += (_, failed) => Done(() =>
            _reporter.Lost($"no connection to {NatsFailure.AddressesOf(failed.Message)}"));
        using (ExecutionContext.SuppressFlow())
            _connecting = Task.Run(ConnectAsync, CancellationToken.None);
        return default;
    }

    /// <inheritdoc/>
    public bool TryPublish(string channel, ReadOnlyMemory<byte> data)
    {
        // One that waits lets nobody pass: they keep their order.
        if (_stopping.IsCancellationRequested || Status.State is not BackplaneState.Connected || _isPublishing)
            return false;

        if (_connection.ServerInfo is { } server && data.Length > server.MaxPayload)
        {
            Log.TooLarge(_logger, data.Length, server.MaxPayload);
            return true;
        }

        var publishing = _connection.PublishAsync(channel, data, cancellationToken: _stopping.Token);
        if (!publishing.IsCompletedSuccessfully)
        {
            _isPublishing = true;
            _publishing = WaitAsync(publishing);
        }

        return true;
    }

    /// <inheritdoc/>
    public void SetInterest(string channel, bool interested)
    {
        lock (_lock)
        {
            _subscriptions.TryGetValue(channel, out var subscription);
            if (!interested)
                subscription?.End();
            else if (subscription is null or { IsEnding: true } or { Completion.IsCompleted: true })
                _subscriptions[channel] = new NatsSubscription(subscription, _connecting, _connection, channel, _reporter.Receiver.Receive);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Where a message waits, the server takes nothing.
        if (Status.State is BackplaneState.Connected && !_isPublishing)
            await FlushAsync().ConfigureAwait(false);
        _reporter.End();
        await _stopping.CancelAsync().ConfigureAwait(false);
        List<NatsSubscription> subscriptions;
        lock (_lock)
            subscriptions = [.. _subscriptions.Values];
        foreach (var subscription in subscriptions)
            subscription.End();

        await _connecting.ConfigureAwait(false);
        await Task.WhenAll(subscriptions.Select(subscription => subscription.Completion)).ConfigureAwait(false);
        try
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (NatsException)
        {
            // Goodbyes that a server takes no more.
        }

        await _publishing.ConfigureAwait(false);
    }

    /// <summary>When the server answers, it has everything published before, including that this server leaves.</summary>
    private async Task FlushAsync()
    {
        using var limit = new CancellationTokenSource(FlushTimeout, _time);
        try
        {
            await _connection.PingAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It is not there any longer.
        }
    }

    /// <summary>The first connection; later ones are made by NATS.Net itself.</summary>
    private async Task ConnectAsync()
    {
        var wait = _options.MinBackoff;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _connection.ConnectAsync().ConfigureAwait(false);
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was: another try follows, until the engine is disposed.
                _reporter.Lost(NatsFailure.TextOf(exception, _connection.Opts.Url));
            }

            await Task.Delay(wait * Random.Shared.NextDouble(), _time, _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < _options.MaxBackoff ? wait * 2 : _options.MaxBackoff;
        }
    }

    private async Task WaitAsync(ValueTask publishing)
    {
        try
        {
            await publishing.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is NatsException or OperationCanceledException or ObjectDisposedException
            or IOException)
        {
            // Lost with the connection: the others count it as missing.
            Log.PublishFailed(_logger, exception.Message);
        }

        // First: what Writable offers may be taken. Elsewhere: it may come here again, deeper and deeper.
        _isPublishing = false;
        _ = Task.Run(_reporter.Receiver.Writable);
    }

    private static ValueTask Done(Action report)
    {
        report();
        return default;
    }

    private static partial class Log
    {
        [LoggerMessage(320, LogLevel.Error, "A message of {Length} bytes is over the server's max_payload of {MaxPayload} bytes. It is " +
            "lost for the other servers.", EventName = "NatsMessageTooLarge")]
        public static partial void TooLarge(ILogger logger, int length, int maxPayload);

        [LoggerMessage(321, LogLevel.Debug, "A message could not be handed to NATS: {Why}.", EventName = "NatsPublishFailed")]
        public static partial void PublishFailed(ILogger logger, string why);
    }
}

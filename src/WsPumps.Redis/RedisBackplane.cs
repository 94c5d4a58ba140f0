using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using WsPumps.Redis;

namespace WsPumps;

/// <summary>
/// A cluster engine on Redis pub/sub. Needs Redis 2.8 or later, or a server that speaks its protocol. It keeps nothing in Redis except the
/// history of groups that have one.
/// </summary>
/// <remarks>
/// It reconnects whenever a connection fails or gives no sign of life, indefinitely, with waits that double and are randomized.
/// </remarks>
public sealed partial class RedisBackplane : IBackplane
{
    private const int MaxKnownChannels = 10_000;

    private readonly RedisBackplaneOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RedisSubscriptions _subscriptions;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, RedisChannel> _channels = new();
    private readonly BackplaneReporter _reporter;
    private RedisConnection? _connection;
    private Task _running = Task.CompletedTask;

    /// <param name="options">How Redis is reached. Copied.</param>
    /// <param name="logger">Logs connections, losses and failures.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public RedisBackplane(RedisBackplaneOptions options, ILogger<RedisBackplane> logger, TimeProvider? timeProvider = null)
    {
        _options = RedisBackplaneOptionsCheck.Checked(options);
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger;
        _reporter = new BackplaneReporter(_time);
        _subscriptions = new RedisSubscriptions((channel, data) => _reporter.Receiver.Receive(channel, data));
    }

    /// <inheritdoc/>
    public string Name => "redis";

    /// <inheritdoc/>
    public BackplaneStatus Status => _reporter.Status;

    /// <summary>The database of the current connection; null when there is none.</summary>
    internal IDatabase? Database => Volatile.Read(ref _connection) is { IsLost: false } connection ? connection.Database : null;

    /// <inheritdoc/>
    public ValueTask StartAsync(IBackplaneReceiver receiver, CancellationToken cancellationToken)
    {
        _reporter.Begin(receiver);
        using (ExecutionContext.SuppressFlow())
            _running = Task.Run(RunAsync, CancellationToken.None);
        return default;
    }

    /// <inheritdoc/>
    public bool TryPublish(string channel, ReadOnlyMemory<byte> data) =>
        Volatile.Read(ref _connection) is { IsLost: false } connection
            && connection.Traffic.TryPublish(ChannelOf(connection, channel), data);

    /// <inheritdoc/>
    public void SetInterest(string channel, bool interested) => _subscriptions.Set(channel, interested);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var backoff = new Backoff(_options.MinBackoff, _options.MaxBackoff);
        try
        {
            while (true)
            {
                var why = await ServeAsync(backoff).ConfigureAwait(false);
                _stopping.Token.ThrowIfCancellationRequested();
                _reporter.Lost(why);
                var wait = backoff.Next();
                Log.Waiting(_logger, wait, why);
                await Task.Delay(wait, _time, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The cancellation, or what the driver threw at the same moment.
            _reporter.End();
        }
    }

    /// <summary>Makes a connection and uses it until it is lost.</summary>
    /// <returns>Why there is none.</returns>
    private async Task<string> ServeAsync(Backoff backoff)
    {
        RedisConnection connection;
        try
        {
            connection = await RedisConnection.ConnectAsync(_options, _time, () => _reporter.Receiver.Writable(), _stopping.Token)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            // Whatever it was, also a command that the driver has cancelled by itself: another try follows, indefinitely.
            return RedisFailure.TextOf(exception, _options);
        }

        await using (connection.ConfigureAwait(false))
        {
            _channels.Clear();
            var subscribing = SubscribeAsync(connection);
            Volatile.Write(ref _connection, connection);
            backoff.Reset();
            _reporter.Connected();
            try
            {
                return await connection.WatchAsync(_stopping.Token).ConfigureAwait(false);
            }
            finally
            {
                Volatile.Write(ref _connection, null);
                // The driver has what was published, but closes without sending it: among it, that this server goes.
                await connection.FlushAsync().ConfigureAwait(false);
                await connection.EndAsync().ConfigureAwait(false);
                await subscribing.ConfigureAwait(false);
            }
        }
    }

    private async Task SubscribeAsync(RedisConnection connection)
    {
        try
        {
            await _subscriptions.RunAsync(connection.Subscriber, channel => ChannelOf(connection, channel), connection.Ending)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (connection.Ending.IsCancellationRequested)
        {
            // The connection is gone, and its subscriptions with it.
        }
        catch (Exception exception)
        {
            connection.Lose(RedisFailure.TextOf(exception, _options));
        }
    }

    private RedisChannel ChannelOf(RedisConnection connection, string name)
    {
        if (_channels.TryGetValue(name, out var channel))
            return channel;

        if (_channels.Count >= MaxKnownChannels)
            _channels.Clear();
        return _channels[name] = connection.IsSharded ? RedisChannel.Sharded(name) : RedisChannel.Literal(name);
    }

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Debug, "Redis is not there: {Why}. Next attempt in {Wait}.", EventName = "RedisWaiting")]
        public static partial void Waiting(ILogger logger, TimeSpan wait, string why);
    }
}

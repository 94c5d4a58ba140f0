using StackExchange.Redis;

namespace WsPumps.Redis;

/// <summary>One connection to Redis, from its making to its loss. It is never repaired: a new one is made.</summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    /// <summary>How long a stopping server waits at most until Redis has what it published last.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private readonly RedisBackplaneOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IConnectionMultiplexer _redis;
    private readonly bool _isOwn;

    private RedisConnection(IConnectionMultiplexer redis, bool isOwn, RedisBackplaneOptions options, TimeProvider time, Action writable)
    {
        (_redis, _isOwn, _options, _time) = (redis, isOwn, options, time);
        Subscriber = redis.GetSubscriber();
        Traffic = new RedisTraffic(Subscriber, options, writable);
        redis.ConnectionFailed += OnConnectionFailed;
    }

    public ISubscriber Subscriber { get; }

    public RedisTraffic Traffic { get; }

    public IDatabase Database => _redis.GetDatabase();

    public bool IsSharded { get; private set; }

    public bool IsLost => _lost.Task.IsCompleted;

    public CancellationToken Ending => _ending.Token;

    /// <exception cref="RedisException">Redis cannot be reached, or refuses.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public static async Task<RedisConnection> ConnectAsync(RedisBackplaneOptions options, TimeProvider time, Action writable,
        CancellationToken cancellationToken)
    {
        var redis = options.Multiplexer ?? await ConnectAsync(options, cancellationToken).ConfigureAwait(false);
        var connection = new RedisConnection(redis, options.Multiplexer is null, options, time, writable);
        try
        {
            await connection.PingAsync(cancellationToken).ConfigureAwait(false);
            connection.IsSharded = options.Sharded ?? redis.GetEndPoints().Select(address => redis.GetServer(address))
                .Any(server => server.ServerType is ServerType.Cluster);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asks for signs of life until the connection is lost.</summary>
    /// <returns>Why it is lost.</returns>
    public async Task<string> WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.ProbeInterval, _time);
        while (!IsLost)
        {
            var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            if (await Task.WhenAny(tick, _lost.Task).ConfigureAwait(false) != tick)
                break;

            await tick.ConfigureAwait(false);
            try
            {
                await PingAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                Lose(RedisFailure.TextOf(exception, _options));
            }
        }

        return await _lost.Task.ConfigureAwait(false);
    }

    /// <summary>Gives the connection up.</summary>
    public void Lose(string why) => _lost.TrySetResult(why);

    /// <summary>What was published before is with Redis when this completes, unless Redis does not answer in time.</summary>
    public async Task FlushAsync()
    {
        try
        {
            if (!IsLost)
                await PingAsync(FlushTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It is not there any longer, or its owner has disposed of it already.
        }
    }

    /// <summary>Ends what is done on the connection.</summary>
    public Task EndAsync() => _ending.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        _redis.ConnectionFailed -= OnConnectionFailed;
        await EndAsync().ConfigureAwait(false);
        _lost.TrySetResult("disposed");
        if (!_isOwn)
            return;

        // Without waiting for commands that will not be answered.
        await _redis.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
        await _redis.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<IConnectionMultiplexer> ConnectAsync(RedisBackplaneOptions options, CancellationToken cancellationToken)
    {
        var configuration = RedisBackplaneOptionsCheck.ConfigurationOf(options);
        configuration.AbortOnConnectFail = true;
        configuration.ConnectRetry = 1;
        // What cannot be sent at once is refused, and waits in the outbox, where it has a bound.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ClientName ??= "WsPumps";
        var connecting = ConnectionMultiplexer.ConnectAsync(configuration);
        try
        {
            return await connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = DisposeOfAsync(connecting);
            throw;
        }
    }

    /// <summary>For a connection that nobody waits for any longer: it must not stay open.</summary>
    private static async Task DisposeOfAsync(Task<ConnectionMultiplexer> connecting)
    {
        try
        {
            await (await connecting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // There was none, or it was lost meanwhile.
        }
    }

    /// <summary>Both ways: the one on which messages are published, and the one on which they come.</summary>
    private Task<TimeSpan[]> PingAsync(CancellationToken cancellationToken) => PingAsync(_options.ProbeTimeout, cancellationToken);

    private Task<TimeSpan[]> PingAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        Task.WhenAll(Subscriber.PingAsync(), Database.PingAsync()).WaitAsync(timeout, _time, cancellationToken);

    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs lost) => Lose(RedisFailure.TextOf(lost));
}

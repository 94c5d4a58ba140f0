using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Clustering;

/// <summary>One node on the backplane: everything between the engine and what messages mean. Owns the engine and the timer.</summary>
internal sealed partial class ClusterCore : IAsyncDisposable
{
    /// <summary>How often the upkeep looks what is due. It bounds how long a loss at the end of a burst goes unseen: two of them.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a stop waits for the goodbye to leave.</summary>
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BackplaneLog _log;
    private readonly SerialWork _upkeep;
    private readonly SubscriptionUpkeep _subscriptionUpkeep;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;
    private BackplaneStatus _status;
    private bool _isNewConnection;
    private bool _isDisposed;

    public ClusterCore(IBackplane backplane, ClusterOptions options, IEnvelopeHandler handler, TimeProvider time, ILogger logger)
    {
        (Backplane, Options, _time, _logger) = (backplane, options, time, logger);
        _log = new BackplaneLog(backplane, logger);
        Self = new NodeIdentity(options, time);
        Channels = new ChannelMap(options, Self.Instance);
        Outbox = new Outbox(backplane, Channels, options, time, Counters, logger);
        Publisher = new Publisher(Self, Channels, Outbox, time);
        Nodes = new NodeTable(options, time);
        Events = new ClusterEvents(time, logger);
        Subscriptions = [.. Enumerable.Range(0, Channels.Count).Select(channel => new Subscription(Channels[channel]))];
        _subscriptionUpkeep = new SubscriptionUpkeep(Subscriptions, backplane, Publisher, Outbox, options, time, logger);
        NodeUpkeep = new NodeUpkeep(Self, Nodes, Subscriptions, Publisher, Outbox, options, Events, time, logger)
        {
            OnCome = _subscriptionUpkeep.AskForAll,
            OnForgotten = instance => OnForgotten?.Invoke(instance),
        };
        _upkeep = new SerialWork(RunUpkeep, time);
        Receiver = new ClusterReceiver(Self, Nodes, Channels, Subscriptions, Counters, Events, time, logger)
        {
            Subscriptions = _subscriptionUpkeep,
            Nodes = NodeUpkeep,
            Handler = handler,
            OnStatus = OnStatus,
            OnWritable = Outbox.Retry,
            HasWork = _upkeep.Schedule,
        };
    }

    public IBackplane Backplane { get; }

    public ClusterOptions Options { get; }

    public NodeIdentity Self { get; }

    public ChannelMap Channels { get; }

    public ClusterCounters Counters { get; } = new();

    public Outbox Outbox { get; }

    public Publisher Publisher { get; }

    public NodeTable Nodes { get; }

    public NodeUpkeep NodeUpkeep { get; }

    public ClusterEvents Events { get; }

    public Subscription[] Subscriptions { get; }

    public ClusterReceiver Receiver { get; }

    /// <summary>Null where no session moves.</summary>
    public DeliveriesUnderWay? Deliveries => Receiver.Deliveries;

    /// <summary>Done with each pass of the upkeep while the engine is connected.</summary>
    public Action<long>? OnPass { get; set; }

    /// <inheritdoc cref="SubscriptionUpkeep.OnHeard"/>
    public Action<int>? OnHeard
    {
        set => _subscriptionUpkeep.OnHeard = value;
    }

    /// <summary>Told of each node that is forgotten.</summary>
    public Action<ulong>? OnForgotten { get; set; }

    public BackplaneStatus Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    /// <exception cref="TimeoutException">The engine is required, and could not be reached in time.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Backplane.StartAsync(Receiver, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _timer = _isDisposed ? null : _time.CreateTimer(static core => ((ClusterCore)core!)._upkeep.Schedule(), this, TimeSpan.Zero,
                Period);
        }

        if (!Options.RequireBackplane)
            return;

        try
        {
            await CountedWork.Until(_time, _connected.Task).WaitAsync(Options.ConnectTimeout, _time, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The backplane {Backplane.Name} could not be reached within {Options.ConnectTimeout} " +
                $"({Status.Error ?? "no answer"}), and {nameof(ClusterOptions.RequireBackplane)} is set.", exception);
        }
    }

    /// <summary>Completes when what is published on these channels arrives here.</summary>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public async Task WhenHearsAsync(IEnumerable<int> channels, CancellationToken cancellationToken)
    {
        foreach (var channel in channels)
        {
            var subscription = Subscriptions[channel];
            while (subscription is not { IsOn: true, IsProved: true })
            {
                // What comes when it is on proves it.
                var (news, isOn) = (subscription.NewsAsync(), subscription.IsOn);
                await news.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (isOn)
                    break;
            }
        }
    }

    /// <summary>Completes when all that was published on these channels before this call, by whomever, has arrived here.</summary>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task WhenHasHeardAllAsync(IEnumerable<int> channels, CancellationToken cancellationToken) => Task.WhenAll(channels
        .Where(channel => Subscriptions[channel].IsOn)
        .Select(channel => Subscriptions[channel].WhenHasHeardAllAsync(Publisher, channel, cancellationToken)));

    /// <summary>A channel has one group or user more here.</summary>
    public void AddInterest(int channel)
    {
        if (Subscriptions[channel].AddMember() == 1)
            _upkeep.Schedule();
    }

    /// <summary>A channel has one group or user less here.</summary>
    public void RemoveInterest(int channel) => Subscriptions[channel].RemoveMember();

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;

            _isDisposed = true;
        }

        if (_timer is { } timer)
            await timer.DisposeAsync().ConfigureAwait(false);
        if (Status.State is BackplaneState.Connected)
            await SayGoodbyeAsync().ConfigureAwait(false);
        await Backplane.DisposeAsync().ConfigureAwait(false);
    }

    private async Task SayGoodbyeAsync()
    {
        NodeUpkeep.SendGoodbye();
        try
        {
            await CountedWork.Until(_time, Outbox.WaitUntilEmptyAsync()).WaitAsync(GoodbyeTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.GoodbyeUnsent(_logger, Backplane.Name, Outbox.Waiting.Messages);
        }
    }

    private void OnStatus(BackplaneStatus status)
    {
        lock (_lock)
            _status = status;

        if (status.State is BackplaneState.Connected)
        {
            Volatile.Write(ref _isNewConnection, true);
            _connected.TrySetResult();
            Outbox.Retry();
        }

        _log.StatusChanged(status);
        _upkeep.Schedule();
    }

    private void RunUpkeep()
    {
        try
        {
            var now = _time.GetTimestamp();
            var isConnected = Status.State is BackplaneState.Connected;
            if (isConnected && Volatile.Read(ref _isNewConnection))
            {
                Volatile.Write(ref _isNewConnection, false);
                _subscriptionUpkeep.Connected(now);
                NodeUpkeep.HeartbeatIsDue();
            }

            Outbox.Retry();
            NodeUpkeep.Run(now, isConnected);
            _subscriptionUpkeep.Run(now, isConnected);
            OnPass?.Invoke(now);
        }
        catch (Exception exception)
        {
            Log.UpkeepFailed(_logger, Backplane.Name, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(215, LogLevel.Error, "The upkeep of the cluster failed; it goes on with the next pass. Backplane: {Backplane}.",
            EventName = "ClusterUpkeepFailed")]
        public static partial void UpkeepFailed(ILogger logger, string backplane, Exception exception);

        [LoggerMessage(216, LogLevel.Warning, "The backplane {Backplane} did not take the last {Messages} messages before the stop. They " +
            "are lost.", EventName = "ClusterGoodbyeUnsent")]
        public static partial void GoodbyeUnsent(ILogger logger, string backplane, int messages);
    }
}

using System.Collections.Concurrent;
using WsPumps.Clustering;

namespace WsPumps.Testing;

/// <summary>A backplane without a server, with the faults of one on demand. From <see cref="TestBackplaneNetwork.Add"/>.</summary>
/// <remarks>Safe for concurrent use. A fault applies to what arrives after it was set.</remarks>
public sealed class TestBackplane : IBackplane
{
    private readonly TestBackplaneNetwork _network;
    private readonly TimeProvider _time;
    private readonly SerialWork _delivering;
    private readonly ITimer _timer;
    private readonly bool _startsConnected;
    private readonly ConcurrentDictionary<string, bool> _interests = new();
    private readonly Queue<Arrival> _onTheWay = new();
    private readonly Lock _lock = new();
    private IBackplaneReceiver? _receiver;
    private BackplaneStatus _status;
    private int _subscribed;
    private bool _isDisposed;

    internal TestBackplane(TestBackplaneNetwork network, TimeProvider time, bool startsConnected)
    {
        (_network, _time, _startsConnected) = (network, time, startsConnected);
        _delivering = new SerialWork(Deliver, time);
        _timer = time.CreateTimer(static backplane => ((TestBackplane)backplane!)._delivering.Schedule(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <summary>Decides whether a message that arrives here is lost, by its channel and its bytes.</summary>
    /// <value>Default: none is.</value>
    public Func<string, ReadOnlyMemory<byte>, bool> Loses { get; set; } = static (_, _) => false;

    /// <summary>Decides whether a message that arrives here arrives twice, by its channel.</summary>
    /// <value>Default: none does.</value>
    public Func<string, bool> Repeats { get; set; } = static _ => false;

    /// <summary>How long each message is on its way here. The order does not change.</summary>
    /// <value>Zero or more. Default: zero.</value>
    public TimeSpan Delay { get; set; }

    /// <summary>
    /// Whether every message to be published is refused although the backplane is connected: see <see cref="TakeAgain"/>.
    /// </summary>
    public bool Refuses { get; set; }

    /// <summary>What publishing throws, in violation of its contract; null for nothing.</summary>
    public Exception? Throws { get; set; }

    /// <summary>The channels whose messages are wanted here.</summary>
    public IReadOnlyCollection<string> Interests => [.. _interests.Keys];

    /// <summary>How often interest in a channel was switched on.</summary>
    public int Subscribed => Volatile.Read(ref _subscribed);

    /// <inheritdoc/>
    public BackplaneStatus Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    /// <inheritdoc/>
    public ValueTask StartAsync(IBackplaneReceiver receiver, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        _receiver = receiver;
        if (_startsConnected)
            Connect();
        else
            Set(BackplaneState.Connecting, "not there");
        return default;
    }

    /// <summary>Connects to the server.</summary>
    /// <exception cref="InvalidOperationException">The backplane has not been started.</exception>
    public void Connect() => Set(BackplaneState.Connected, null);

    /// <summary>Loses the connection to the server: nothing is taken, and nothing arrives.</summary>
    /// <exception cref="InvalidOperationException">The backplane has not been started.</exception>
    public void Disconnect() => Set(BackplaneState.Lost, "disconnected by the test");

    /// <summary>Makes the server forget the subscriptions while the connection stays up.</summary>
    public void ForgetSubscriptions() => _interests.Clear();

    /// <summary>Ends <see cref="Refuses"/>, and tells the receiver.</summary>
    /// <exception cref="InvalidOperationException">The backplane has not been started.</exception>
    public void TakeAgain()
    {
        Refuses = false;
        Receiver.Writable();
    }

    /// <inheritdoc/>
    public bool TryPublish(string channel, ReadOnlyMemory<byte> data)
    {
        if (Throws is { } exception)
            throw exception;

        if (Refuses || Status.State is not BackplaneState.Connected)
            return false;

        _network.Publish(this, channel, data);
        return true;
    }

    /// <inheritdoc/>
    public void SetInterest(string channel, bool interested)
    {
        if (interested)
        {
            Interlocked.Increment(ref _subscribed);
            _interests[channel] = true;
        }
        else
        {
            _interests.TryRemove(channel, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _network.Remove(this);
        lock (_lock)
        {
            _isDisposed = true;
            _status = _status with { State = BackplaneState.Lost };
            _onTheWay.Clear();
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    internal bool Hears(string channel) => Status.State is BackplaneState.Connected && _interests.ContainsKey(channel);

    /// <summary>How often something that was published arrives here.</summary>
    internal int TimesOf(string channel, ReadOnlyMemory<byte> data) => Loses(channel, data) ? 0 : Repeats(channel) ? 2 : 1;

    /// <summary>Something was published, by a backplane that this one can hear.</summary>
    internal void Arrive(string channel, ReadOnlyMemory<byte> data, int times)
    {
        lock (_lock)
        {
            for (; times > 0 && !_isDisposed; times--)
                _onTheWay.Enqueue(new Arrival(channel, data.ToArray(), _time.GetTimestamp()));
        }
    }

    internal void DeliverSoon() => _delivering.Schedule();

    private IBackplaneReceiver Receiver =>
        _receiver ?? throw new InvalidOperationException("The backplane has not been started. Start the cluster that it belongs to first.");

    private void Deliver()
    {
        while (TakeDue() is { } arrival)
            Receiver.Receive(arrival.Channel, arrival.Data);
    }

    /// <summary>Delivers the oldest one if it has arrived by now; otherwise sets the timer.</summary>
    private Arrival? TakeDue()
    {
        lock (_lock)
        {
            if (!_onTheWay.TryPeek(out var oldest))
                return null;

            var left = Delay - _time.GetElapsedTime(oldest.PublishedAt);
            if (left <= TimeSpan.Zero)
                return _onTheWay.Dequeue();

            _timer.Change(left, Timeout.InfiniteTimeSpan);
            return null;
        }
    }

    private void Set(BackplaneState state, string? error)
    {
        BackplaneStatus status;
        lock (_lock)
            status = _status = new BackplaneStatus { State = state, Since = _time.GetUtcNow(), Error = error };
        Receiver.StatusChanged(status);
    }

    private sealed record Arrival(string Channel, byte[] Data, long PublishedAt);
}

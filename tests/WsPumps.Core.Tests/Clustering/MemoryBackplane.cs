using System.Collections.Concurrent;
using System.Threading.Channels;

namespace WsPumps.Tests.Clustering;

/// <summary>An engine without a server, with the faults of one on demand.</summary>
internal sealed class MemoryBackplane(MemoryBackplaneNetwork network, TimeProvider time) : IBackplane
{
    private readonly ConcurrentDictionary<string, bool> _interests = new();
    private readonly Channel<(string Channel, byte[] Data)> _arrived = Channel.CreateUnbounded<(string, byte[])>();
    private readonly Lock _statusLock = new();
    private IBackplaneReceiver _receiver = null!;
    private BackplaneStatus _status;
    private int _subscribed;
    private Task _delivering = Task.CompletedTask;

    public string Name => "memory";

    /// <summary>Whether the engine connects when it is started.</summary>
    public bool StartsConnected { get; init; } = true;

    /// <summary>Says of a message that arrives whether it is lost.</summary>
    public Func<string, ReadOnlyMemory<byte>, bool> Loses { get; set; } = static (_, _) => false;

    /// <summary>Says of a message that arrives whether it arrives twice.</summary>
    public Func<string, bool> Repeats { get; set; } = static _ => false;

    /// <summary>How long each message is under way.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Refuses every message, although it is connected.</summary>
    public bool Refuses { get; set; }

    /// <summary>Breaks the contract with each message.</summary>
    public bool Throws { get; set; }

    public BackplaneStatus Status
    {
        get
        {
            lock (_statusLock)
                return _status;
        }
    }

    public IReadOnlyCollection<string> Interests => [.. _interests.Keys];

    /// <summary>How often interest was switched on.</summary>
    public int Subscribed => Volatile.Read(ref _subscribed);

    public ValueTask StartAsync(IBackplaneReceiver receiver, CancellationToken cancellationToken)
    {
        _receiver = receiver;
        _delivering = DeliverAsync();
        if (StartsConnected)
            Connect();
        else
            Set(BackplaneState.Connecting, "not there");
        return default;
    }

    public void Connect() => Set(BackplaneState.Connected, null);

    public void Disconnect() => Set(BackplaneState.Lost, "disconnected by the test");

    /// <summary>The connection lives, and the subscriptions are gone.</summary>
    public void ForgetSubscriptions() => _interests.Clear();

    public void TakeAgain()
    {
        Refuses = false;
        _receiver.Writable();
    }

    public bool TryPublish(string channel, ReadOnlyMemory<byte> data)
    {
        if (Throws && channel.EndsWith(":all", StringComparison.Ordinal))
            throw new InvalidOperationException("broken by the test");

        if (Refuses || Status.State is not BackplaneState.Connected)
            return false;

        network.Publish(this, channel, data);
        return true;
    }

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

    /// <summary>Something was published, by an engine that this one can hear.</summary>
    public void Arrive(string channel, ReadOnlyMemory<byte> data)
    {
        if (Status.State is not BackplaneState.Connected || !_interests.ContainsKey(channel) || Loses(channel, data))
            return;

        for (var times = Repeats(channel) ? 2 : 1; times > 0; times--)
            _arrived.Writer.TryWrite((channel, data.ToArray()));
    }

    public async ValueTask DisposeAsync()
    {
        network.Remove(this);
        lock (_statusLock)
            _status = _status with { State = BackplaneState.Lost };
        _arrived.Writer.TryComplete();
        await _delivering;
    }

    private async Task DeliverAsync()
    {
        await foreach (var (channel, data) in _arrived.Reader.ReadAllAsync())
        {
            if (Delay > TimeSpan.Zero)
                await Task.Delay(Delay, time);
            _receiver.Receive(channel, data);
        }
    }

    private void Set(BackplaneState state, string? error)
    {
        BackplaneStatus status;
        lock (_statusLock)
            status = _status = new BackplaneStatus { State = state, Since = time.GetUtcNow(), Error = error };
        _receiver.StatusChanged(status);
    }
}

using System.Text;

namespace WsPumps.Testing;

/// <summary>
/// Keeps what a backplane tells, for the tests of an engine: hand it to <see cref="IBackplane.StartAsync"/>. Waits in real time. Safe for
/// concurrent use.
/// </summary>
/// <remarks>
/// An engine that calls <see cref="Receive"/> for one channel while an earlier call has not returned fails the next wait.
/// </remarks>
public sealed class RecordingReceiver : IBackplaneReceiver
{
    private const string ProbePrefix = "wspumps-probe:";
    private const int ToldEvents = 12;

    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<BackplaneMessage> _messages = [];
    private readonly List<BackplaneStatus> _statuses = [];
    private readonly HashSet<string> _probes = [];
    private readonly HashSet<string> _underWay = [];
    private readonly Queue<string> _events = [];
    private TaskCompletionSource _changed = NewSignal();
    private string? _violation;
    private int _timesWritable;

    /// <summary>How long a wait lasts at the most, in real time.</summary>
    /// <value>More than zero. Default: 30 seconds.</value>
    public TimeSpan RealTimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The statuses that were told, in order. A copy.</summary>
    public IReadOnlyList<BackplaneStatus> Statuses
    {
        get
        {
            lock (_lock)
                return [.. _statuses];
        }
    }

    /// <summary>The last state that was told; <see cref="BackplaneState.Unknown"/> before the first.</summary>
    public BackplaneState State => Statuses is [.., var last] ? last.State : BackplaneState.Unknown;

    /// <summary>How often the engine has said that it takes messages again.</summary>
    public int TimesWritable => Volatile.Read(ref _timesWritable);

    /// <inheritdoc/>
    public void Receive(string channel, ReadOnlyMemory<byte> data)
    {
        lock (_lock)
        {
            if (!_underWay.Add(channel))
                _violation ??= $"it was called for '{channel}' while an earlier call for that channel had not returned";
        }

        var message = new BackplaneMessage { Channel = channel, Data = data.ToArray() };
        if (data.Length < 100 && message.Text.StartsWith(ProbePrefix, StringComparison.Ordinal))
            Change($"probe on '{channel}'", () => _probes.Add(message.Text));
        else
            Change($"{message}", () => _messages.Enqueue(message));

        lock (_lock)
            _underWay.Remove(channel);
    }

    /// <inheritdoc/>
    public void StatusChanged(BackplaneStatus status) => Change($"{status.State} {status.Error}", () => _statuses.Add(status));

    /// <inheritdoc/>
    public void Writable() => Change("writable", () => _timesWritable++);

    /// <summary>Takes the oldest message that was not yet taken: at once when it is there, else when it comes.</summary>
    /// <exception cref="PumpsTestException">None has come within <see cref="RealTimeLimit"/>.</exception>
    public async Task<BackplaneMessage> NextAsync()
    {
        BackplaneMessage? message = null;
        await UntilAsync(() => (message = TryTake()) is not null, "a message").ConfigureAwait(false);
        return message!;
    }

    /// <summary>Takes the oldest message that was not yet taken; null where there is none.</summary>
    public BackplaneMessage? TryTake()
    {
        lock (_lock)
            return _messages.TryDequeue(out var message) ? message : null;
    }

    /// <summary>Waits until the engine is connected, as it tells.</summary>
    /// <exception cref="PumpsTestException">It is not within <see cref="RealTimeLimit"/>.</exception>
    public Task UntilConnectedAsync() => UntilAsync(() => State is BackplaneState.Connected, "the engine to be connected");

    /// <summary>Waits until it is so; looked at after each thing that the engine tells.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="what">For the text of the exception: what is expected.</param>
    /// <exception cref="PumpsTestException">It is not so within <see cref="RealTimeLimit"/>.</exception>
    public async Task UntilAsync(Func<bool> condition, string what = "a condition to hold")
    {
        ArgumentNullException.ThrowIfNull(condition);
        using var late = new CancellationTokenSource(RealTimeLimit, TimeProvider.System);
        while (true)
        {
            Task changed;
            string? violation;
            lock (_lock)
                (changed, violation) = (_changed.Task, _violation);
            if (violation is not null)
                throw Failure($"one call of Receive at a time, and {violation}");
            if (condition())
                return;

            await changed.WaitAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (late.IsCancellationRequested)
                throw Failure($"{what}, which has not come within {RealTimeLimit} of real time");
        }
    }

    /// <summary>
    /// Switches interest in a channel on, and waits until what is published on it comes: engines subscribe when they can. What it publishes
    /// for that is not among the messages.
    /// </summary>
    /// <param name="engine">The engine that this receiver belongs to.</param>
    /// <param name="channel">The channel.</param>
    /// <exception cref="PumpsTestException">Nothing comes within <see cref="RealTimeLimit"/>.</exception>
    public async Task SubscribeAsync(IBackplane engine, string channel)
    {
        ArgumentNullException.ThrowIfNull(engine);
        engine.SetInterest(channel, true);
        await ProbeAsync(engine, channel).ConfigureAwait(false);
    }

    /// <summary>Publishes on the channel again and again until it comes back here.</summary>
    internal async Task ProbeAsync(IBackplane publisher, string channel)
    {
        var probe = $"{ProbePrefix}{Guid.NewGuid():N}";
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            publisher.TryPublish(channel, Encoding.UTF8.GetBytes(probe));
            await Task.Delay(BetweenProbes, TimeProvider.System).ConfigureAwait(false);
            lock (_lock)
            {
                if (_probes.Contains(probe))
                    return;
            }

            if (TimeProvider.System.GetElapsedTime(start) > RealTimeLimit)
                throw Failure($"what is published on '{channel}' to come, and it has not within {RealTimeLimit} of real time");
        }
    }

    internal PumpsTestException Failure(string expected)
    {
        lock (_lock)
        {
            return new PumpsTestException(
                $"The backplane's receiver expected {expected}. What it was told last:{Environment.NewLine}" +
                string.Join(Environment.NewLine, _events.Select(text => $"  {text}")));
        }
    }

    private void Change(string what, Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            _events.Enqueue(what);
            if (_events.Count > ToldEvents)
                _events.Dequeue();
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

namespace WsPumps.Testing.Tests;

/// <summary>An engine with one fault.</summary>
internal sealed class BrokenBackplane(IBackplane inner, string fault) : IBackplane, IBackplaneReceiver
{
    private IBackplaneReceiver? _receiver;
    private CancellationToken _starting;
    private int _received;
    private int _disposed;

    public string Name => "broken";

    public BackplaneStatus Status => inner.Status;

    public static string Loses => nameof(Loses);

    public static string IgnoresOff => nameof(IgnoresOff);

    public static string IgnoresOn => nameof(IgnoresOn);

    public static string TakesAll => nameof(TakesAll);

    public static string DisposesOnce => nameof(DisposesOnce);

    public static string EndsWithItsStart => nameof(EndsWithItsStart);

    public static string NeverStarts => nameof(NeverStarts);

    public ValueTask StartAsync(IBackplaneReceiver receiver, CancellationToken cancellationToken)
    {
        (_receiver, _starting) = (receiver, cancellationToken);
        return fault == NeverStarts ? new ValueTask(new TaskCompletionSource().Task) : inner.StartAsync(this, cancellationToken);
    }

    public bool TryPublish(string channel, ReadOnlyMemory<byte> data) => inner.TryPublish(channel, data) || fault == TakesAll;

    public void SetInterest(string channel, bool interested)
    {
        if (fault != (interested ? IgnoresOn : IgnoresOff))
            inner.SetInterest(channel, interested);
    }

    public void Receive(string channel, ReadOnlyMemory<byte> data)
    {
        if (fault == EndsWithItsStart && _starting.IsCancellationRequested)
            return;
        if (fault == Loses && ++_received % 1000 == 0)
            return;

        _receiver!.Receive(channel, data);
    }

    public void StatusChanged(BackplaneStatus status) => _receiver!.StatusChanged(status);

    public void Writable() => _receiver!.Writable();

    public ValueTask DisposeAsync() =>
        Interlocked.Increment(ref _disposed) > 1 && fault == DisposesOnce ? throw new InvalidOperationException("Disposed twice.") : inner.DisposeAsync();
}

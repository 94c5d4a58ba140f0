namespace WsPumps.Redis.Tests;

/// <summary>An engine that signals all it tells, once the cluster has been told.</summary>
internal sealed class SignallingBackplane(IBackplane inner, Signal signal) : IBackplane
{
    public string Name => inner.Name;

    public BackplaneStatus Status => inner.Status;

    public ValueTask StartAsync(IBackplaneReceiver receiver, CancellationToken cancellationToken) =>
        inner.StartAsync(new Receiver(receiver, signal), cancellationToken);

    public bool TryPublish(string channel, ReadOnlyMemory<byte> data) => inner.TryPublish(channel, data);

    public void SetInterest(string channel, bool interested) => inner.SetInterest(channel, interested);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Receiver(IBackplaneReceiver inner, Signal signal) : IBackplaneReceiver
    {
        public void Receive(string channel, ReadOnlyMemory<byte> data)
        {
            inner.Receive(channel, data);
            signal.Set();
        }

        public void StatusChanged(BackplaneStatus status)
        {
            inner.StatusChanged(status);
            signal.Set();
        }

        public void Writable() => inner.Writable();
    }
}

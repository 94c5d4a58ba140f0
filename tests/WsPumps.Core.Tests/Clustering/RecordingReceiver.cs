using System.Collections.Concurrent;
using System.Threading.Channels;

namespace WsPumps.Tests.Clustering;

/// <summary>What an engine has told, to be waited for.</summary>
internal sealed class RecordingReceiver : IBackplaneReceiver
{
    private readonly Channel<(string Channel, byte[] Data)> _received = Channel.CreateUnbounded<(string, byte[])>();
    private readonly ConcurrentQueue<BackplaneStatus> _statuses = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writable;

    public IReadOnlyCollection<BackplaneStatus> Statuses => _statuses;

    public int TimesWritable => Volatile.Read(ref _writable);

    public void Receive(string channel, ReadOnlyMemory<byte> data) => _received.Writer.TryWrite((channel, data.ToArray()));

    public void StatusChanged(BackplaneStatus status)
    {
        _statuses.Enqueue(status);
        Change();
    }

    public void Writable()
    {
        Interlocked.Increment(ref _writable);
        Change();
    }

    public async Task<(string Channel, byte[] Data)> NextAsync() => await _received.Reader.ReadAsync().InTime();

    public bool TryNext(out (string Channel, byte[] Data) message) => _received.Reader.TryRead(out message);

    public Task UntilConnected() => Until(() => _statuses.LastOrDefault().State is BackplaneState.Connected);

    public async Task Until(Func<bool> condition)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            if (condition())
                return;

            await changed.InTime();
        }
    }

    private void Change()
    {
        TaskCompletionSource changed;
        lock (_lock)
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        changed.SetResult();
    }
}

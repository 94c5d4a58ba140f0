namespace WsPumps.Benchmarks.InMemory;

/// <summary>Lets a benchmark wait until everything has gone through a pump that runs on another thread. Nothing is allocated for it.</summary>
public sealed class Arrivals : IDisposable
{
    private readonly ManualResetEventSlim _complete = new();
    private long _missing;

    public void Expect(long count)
    {
        _complete.Reset();
        Volatile.Write(ref _missing, count);
    }

    public void Add(long count)
    {
        if (Interlocked.Add(ref _missing, -count) == 0)
            _complete.Set();
    }

    public void Wait() => _complete.Wait();

    public void Dispose() => _complete.Dispose();
}

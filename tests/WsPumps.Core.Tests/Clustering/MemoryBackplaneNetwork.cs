using System.Collections.Concurrent;

namespace WsPumps.Tests.Clustering;

/// <summary>Connects engines in memory, as a server would.</summary>
internal sealed class MemoryBackplaneNetwork
{
    private readonly ConcurrentDictionary<MemoryBackplane, bool> _engines = new();
    private readonly ConcurrentDictionary<(MemoryBackplane, MemoryBackplane), bool> _cuts = new();

    public MemoryBackplane Connect(TimeProvider? time = null)
    {
        var engine = new MemoryBackplane(this, time ?? TimeProvider.System);
        _engines.TryAdd(engine, true);
        return engine;
    }

    /// <summary>Nothing passes between these two any more, and both believe they are connected.</summary>
    public void Cut(MemoryBackplane one, MemoryBackplane other)
    {
        _cuts.TryAdd((one, other), true);
        _cuts.TryAdd((other, one), true);
    }

    public void Heal() => _cuts.Clear();

    public void Publish(MemoryBackplane from, string channel, ReadOnlyMemory<byte> data)
    {
        foreach (var (engine, _) in _engines)
        {
            if (!_cuts.ContainsKey((from, engine)))
                engine.Arrive(channel, data);
        }
    }

    public void Remove(MemoryBackplane engine) => _engines.TryRemove(engine, out _);
}

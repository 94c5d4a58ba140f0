using BenchmarkDotNet.Attributes;
using WsPumps.Benchmarks.InMemory;

namespace WsPumps.Benchmarks;

/// <summary>The walk over the clients alone: what a client does with the message costs nothing here.</summary>
[MemoryDiagnoser]
public class BroadcastBenchmarks
{
    private readonly Broadcaster _everybody = new(new Manager());
    private readonly PreparedMessage _message = PreparedMessage.Binary(new byte[128]);

    [Params(10, 1_000, 100_000)]
    public int Count { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        for (var i = 0; i < Count; i++)
            _everybody.Manager.Register(new FakeClient(i));
    }

    [Benchmark]
    public BroadcastResult Broadcast() => _everybody.All.Write(_message);
}

using BenchmarkDotNet.Attributes;
using WsPumps.Benchmarks.InMemory;

namespace WsPumps.Benchmarks;

/// <summary>A client that comes and goes among others.</summary>
[MemoryDiagnoser]
public class RegistryBenchmarks
{
    private readonly Manager _manager = new();
    private FakeClient _client = null!;

    [Params(10, 100_000)]
    public int Others { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        for (var i = 0; i < Others; i++)
            _manager.Register(new FakeClient(i));
        _client = new FakeClient(Others);
    }

    [Benchmark]
    public void RegisterAndUnregister()
    {
        _manager.Register(_client);
        _manager.Unregister(_client);
    }
}

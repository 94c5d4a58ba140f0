using BenchmarkDotNet.Attributes;
using WsPumps.Benchmarks.InMemory;

namespace WsPumps.Benchmarks;

/// <summary>A broadcast into the queues of 10,000 clients whose pumps do not run, so that nothing but the walk and the queues is measured. Per client.</summary>
/// <remarks>Each queue holds one message: the new one takes the place of the old one, which costs a little more than an empty queue.</remarks>
[MemoryDiagnoser]
public class BroadcastToQueuesBenchmarks
{
    private const int Count = 10_000;

    private readonly Arrivals _bytes = new();
    private readonly Broadcaster _everybody = new(new Manager());
    private readonly PreparedMessage _message = PreparedMessage.Binary(new byte[128]);

    [GlobalSetup]
    public void SetUp()
    {
        for (var i = 0; i < Count; i++)
            _everybody.Manager.Register(Clients.Over(new CountingStream(_bytes), options => (options.MaxQueuedMessages, options.SlowClientPolicy) = (1, SlowClientPolicy.DropOldest)));
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public BroadcastResult Broadcast() => _everybody.All.Write(_message);

    [GlobalCleanup]
    public void CleanUp()
    {
        foreach (var client in _everybody.Manager.Clients)
            client.Abort();
        _bytes.Dispose();
    }
}

using BenchmarkDotNet.Attributes;
using WsPumps.Benchmarks.InMemory;

namespace WsPumps.Benchmarks;

/// <summary>A broadcast through the idle queues and the pumps of 10,000 clients, up to wires that take it at once. Per delivery.</summary>
[MemoryDiagnoser]
public class BroadcastToWireBenchmarks
{
    private const int Count = 10_000;
    private const int Payload = 128;
    private const int Frame = Payload + 4;

    private readonly Arrivals _bytes = new();
    private readonly Broadcaster _everybody = new(new Manager());
    private readonly PreparedMessage _message = PreparedMessage.Binary(new byte[Payload]);

    [GlobalSetup]
    public void SetUp()
    {
        for (var i = 0; i < Count; i++)
            _everybody.Manager.Register(Clients.WritingTo(new CountingStream(_bytes)));
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Broadcast()
    {
        _bytes.Expect(Count * Frame);
        _everybody.All.Write(_message);
        _bytes.Wait();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        foreach (var client in _everybody.Manager.Clients)
            client.Abort();
        _bytes.Dispose();
    }
}

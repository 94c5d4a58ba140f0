using BenchmarkDotNet.Attributes;
using WsPumps.Benchmarks.InMemory;

namespace WsPumps.Benchmarks;

/// <summary>A message through the queue and the write pump to a wire that takes it at once.</summary>
[MemoryDiagnoser]
public class WriteBenchmarks
{
    /// <summary>Fewer than a queue holds, so that none is refused.</summary>
    private const int Messages = 128;

    private const int Payload = 128;
    private const int Frame = Payload + 4;

    private readonly Arrivals _bytes = new();
    private readonly PreparedMessage _prepared = PreparedMessage.Binary(new byte[Payload]);
    private readonly Message _plain = Message.Binary(new byte[Payload]);
    private Client _client = null!;

    [GlobalSetup]
    public void SetUp() => _client = Clients.WritingTo(new CountingStream(_bytes));

    [Benchmark(OperationsPerInvoke = Messages)]
    public void Prepared()
    {
        _bytes.Expect(Messages * Frame);
        for (var i = 0; i < Messages; i++)
            _client.Write(_prepared);
        _bytes.Wait();
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public void Plain()
    {
        _bytes.Expect(Messages * Frame);
        for (var i = 0; i < Messages; i++)
            _client.Write(_plain);
        _bytes.Wait();
    }

    /// <summary>One at a time: the pump is woken for each.</summary>
    [Benchmark]
    public void PreparedAlone()
    {
        _bytes.Expect(Frame);
        _client.Write(_prepared);
        _bytes.Wait();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _client.Abort();
        _bytes.Dispose();
    }
}

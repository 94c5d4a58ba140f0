using BenchmarkDotNet.Attributes;
using WsPumps.Benchmarks.InMemory;

namespace WsPumps.Benchmarks;

/// <summary>A message of 128 bytes from the wire through the runtime's WebSocket and the read pump to a handler that returns at once.</summary>
[MemoryDiagnoser]
public class ReadBenchmarks
{
    private const int Messages = 1_000;
    private const int Payload = 128;

    private readonly Arrivals _messages = new();
    private readonly RepeatingStream _wire = new(MaskedFrame());
    private Client _client = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _client = Clients.Over(_wire);
        MessageHandler count = (_, _, _) =>
        {
            _messages.Add(1);
            return default;
        };
        _ = _client.ReadPumpAsync(static _ => { }, [count], CancellationToken.None);
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public void Read()
    {
        _messages.Expect(Messages);
        _wire.Send(Messages);
        _messages.Wait();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _client.Abort();
        _messages.Dispose();
    }

    /// <summary>Binary, final, a length of 16 bits, and a mask that changes the payload's zeros into itself.</summary>
    private static byte[] MaskedFrame()
    {
        byte[] mask = [1, 2, 3, 4];
        return [0x82, 0x80 | 126, 0, Payload, .. mask, .. Enumerable.Repeat(mask, Payload / mask.Length).SelectMany(bytes => bytes)];
    }
}

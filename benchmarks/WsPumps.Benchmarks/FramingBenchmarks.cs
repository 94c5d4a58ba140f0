using BenchmarkDotNet.Attributes;

namespace WsPumps.Benchmarks;

/// <summary>What it costs to encode a message.</summary>
[MemoryDiagnoser]
public class FramingBenchmarks
{
    private byte[] _payload = [];

    [Params(128, 16 * 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _payload = new byte[Bytes];
        _payload.AsSpan().Fill((byte)'.');
    }

    [Benchmark]
    public PreparedMessage Binary() => PreparedMessage.Binary(_payload);

    [Benchmark]
    public PreparedMessage Text() => PreparedMessage.Text(_payload);
}

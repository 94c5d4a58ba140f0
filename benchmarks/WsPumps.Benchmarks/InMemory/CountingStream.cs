namespace WsPumps.Benchmarks.InMemory;

/// <summary>A peer that takes everything at once and says nothing.</summary>
public sealed class CountingStream(Arrivals bytes) : StubStream
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        bytes.Add(buffer.Length);
        return default;
    }
}

namespace WsPumps.Core.Tests.Wire;

/// <summary>Brings bytes in pieces of random sizes, and then its end; keeps what is written. Everything completes at once.</summary>
internal sealed class ScriptedStream(byte[] bytes, Random random) : AsyncStream
{
    private readonly List<byte> _written = [];
    private int _at;

    public byte[] Written => [.. _written];

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var size = random.Next(4) switch { 0 => 1, 1 => random.Next(1, 20), 2 => random.Next(1, 2000), _ => int.MaxValue };
        var count = Math.Min(Math.Min(size, buffer.Length), bytes.Length - _at);
        bytes.AsSpan(_at, count).CopyTo(buffer.Span);
        _at += count;
        return new ValueTask<int>(count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _written.AddRange(buffer.Span);
        return default;
    }
}

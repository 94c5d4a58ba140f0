using System.Text;

namespace WsPumps.Testing;

/// <summary>What a backplane has handed to its receiver.</summary>
public sealed record BackplaneMessage
{
    /// <summary>The channel that it was published on.</summary>
    public required string Channel { get; init; }

    /// <summary>The bytes, a copy.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The bytes, read as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Data.Span);

    /// <inheritdoc/>
    public override string ToString() => $"{Data.Length} bytes on '{Channel}'";
}

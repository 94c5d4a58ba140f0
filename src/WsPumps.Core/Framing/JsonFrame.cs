using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace WsPumps.Framing;

/// <summary>Writes JSON where the payload of its frame will be: behind room for the longest header.</summary>
internal static class JsonFrame
{
    public const string NeedsReflection = "JSON by JsonSerializerOptions may need reflection. Where code is trimmed or compiled ahead of " +
        "time, use the overload with JsonTypeInfo.";

    private const int FirstBuffer = 256;

    /// <returns>The buffer, with the payload from <see cref="FrameHeader.MaxLength"/> on.</returns>
    public static (byte[] Buffer, int Length) Write<T>(T value, JsonTypeInfo<T> typeInfo)
    {
        var output = new ArrayBufferWriter<byte>(FirstBuffer);
        output.Advance(FrameHeader.MaxLength);
        var options = typeInfo.Options;
        using (var writer = new Utf8JsonWriter(output,
            new JsonWriterOptions { Encoder = options.Encoder, Indented = options.WriteIndented, SkipValidation = true }))
        {
            JsonSerializer.Serialize(writer, value, typeInfo);
        }

        MemoryMarshal.TryGetArray(output.WrittenMemory, out var written);
        return (written.Array!, written.Count - FrameHeader.MaxLength);
    }
}

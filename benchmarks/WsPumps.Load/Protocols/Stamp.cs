using System.Diagnostics;

namespace WsPumps.Load.Protocols;

/// <summary>
/// A moment as eight letters, four bits in each, so that it is at home in binary payloads and in JSON. It counts in steps
/// of 256 timer ticks (a quarter of a microsecond on Linux) and starts again after some 18 minutes, which no message takes.
/// </summary>
internal static class Stamp
{
    public const int Length = 8;

    private const int Step = 8;
    private const byte Zero = (byte)'A';

    public static uint Now => Of(Stopwatch.GetTimestamp());

    public static uint Of(long timestamp) => (uint)(timestamp >> Step);

    public static double MicrosecondsSince(uint stamp) => (Now - stamp) * (1e6 * (1 << Step) / Stopwatch.Frequency);

    public static void Write(Span<byte> destination, uint stamp)
    {
        for (var i = 0; i < Length; i++)
            destination[i] = (byte)(Zero + ((stamp >> (4 * i)) & 0xF));
    }

    public static uint Read(ReadOnlySpan<byte> source)
    {
        uint stamp = 0;
        for (var i = 0; i < Length; i++)
            stamp |= (uint)(source[i] - Zero) << (4 * i);
        return stamp;
    }
}

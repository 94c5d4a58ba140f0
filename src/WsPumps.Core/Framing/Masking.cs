using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace WsPumps.Framing;

/// <summary>The XOR of RFC 6455, section 5.3, as many bytes at a time as the processor takes.</summary>
internal static class Masking
{
    /// <summary>Masks or unmasks: the same thing. The spans may be the same, or begin at different places of different buffers.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="destination">As long as <paramref name="source"/> at least.</param>
    /// <param name="key">The four bytes of the key in the order of the wire, in the order of this machine's memory.</param>
    /// <returns>The key for the byte that follows.</returns>
    public static uint Apply(ReadOnlySpan<byte> source, Span<byte> destination, uint key)
    {
        if (key == 0)
        {
            source.CopyTo(destination);
            return key;
        }

        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(destination[..source.Length]);
        var at = Vector256.IsHardwareAccelerated ? ApplyWide(ref from, ref to, source.Length, key) : 0;
        var wide = Vector128.Create(key).AsByte();
        for (var last = source.Length - Vector128<byte>.Count; at <= last; at += Vector128<byte>.Count)
            (Vector128.LoadUnsafe(ref from, (nuint)at) ^ wide).StoreUnsafe(ref to, (nuint)at);

        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(bytes, key);
        for (var i = at; i < source.Length; i++)
            destination[i] = (byte)(source[i] ^ bytes[(i - at) % sizeof(uint)]);

        return Rotate(key, source.Length);
    }

    /// <summary>The key as it is in the bytes of a frame.</summary>
    public static uint ReadKey(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<uint>(bytes);

    /// <returns>How many bytes, a multiple of those of the key.</returns>
    private static int ApplyWide(ref byte from, ref byte to, int length, uint key)
    {
        var at = 0;
        var wide = Vector256.Create(key).AsByte();
        for (var last = length - (2 * Vector256<byte>.Count); at <= last; at += 2 * Vector256<byte>.Count)
        {
            var first = Vector256.LoadUnsafe(ref from, (nuint)at);
            var second = Vector256.LoadUnsafe(ref from, (nuint)(at + Vector256<byte>.Count));
            (first ^ wide).StoreUnsafe(ref to, (nuint)at);
            (second ^ wide).StoreUnsafe(ref to, (nuint)(at + Vector256<byte>.Count));
        }

        return at;
    }

    private static uint Rotate(uint key, int length)
    {
        var bits = length % sizeof(uint) * 8;
        return BitConverter.IsLittleEndian ? BitOperations.RotateRight(key, bits) : BitOperations.RotateLeft(key, bits);
    }
}

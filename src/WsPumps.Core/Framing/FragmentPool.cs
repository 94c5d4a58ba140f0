using System.Buffers;

namespace WsPumps.Framing;

/// <summary>Buffers for the fragments of messages that are streamed, of a size that the shared pool would round up.</summary>
internal static class FragmentPool
{
    /// <summary>Of a fragment with its header. Two of them are held at most, together less than 128 KiB.</summary>
    public const int Size = 60 * 1024;

    /// <summary>Where a masked copy of it is held as well.</summary>
    public const int MaskedSize = 32 * 1024;

    private const int KeptPerProcessor = 8;

    private static readonly ObjectPool<byte[]> Kept = new(KeptPerProcessor);

    public static byte[] Rent(int length) =>
        length == Size ? Kept.TryTake() ?? GC.AllocateUninitializedArray<byte>(Size) : ArrayPool<byte>.Shared.Rent(length);

    public static void Return(byte[] buffer)
    {
        if (buffer.Length == Size)
            Kept.Return(buffer);
        else
            ArrayPool<byte>.Shared.Return(buffer);
    }
}

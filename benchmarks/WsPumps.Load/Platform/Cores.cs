namespace WsPumps.Load.Platform;

/// <summary>
/// Who runs where: the load on the last core, the servers on all others, so that neither takes time from the other. On a
/// machine with one core, or when it is not wanted, nothing is pinned.
/// </summary>
internal static class Cores
{
    private const int MaxCores = 64;

    private static readonly int Count = Math.Min(Environment.ProcessorCount, MaxCores);

    public static bool ArePinned { get; private set; } = Count > 1;

    public static int OfServer => ArePinned ? Count - 1 : Count;

    public static void Unpin() => ArePinned = false;

    /// <summary>Pins the calling thread, and what it starts, to the core of the load.</summary>
    public static void UseThoseOfLoad() => Pin(1UL << (Count - 1));

    /// <summary>Pins the calling thread, and what it starts, to the cores of the server.</summary>
    public static void UseThoseOfServer() => Pin((1UL << (Count - 1)) - 1);

    private static void Pin(ulong mask)
    {
        if (ArePinned && Libc.SetAffinity(0, sizeof(ulong), in mask) < 0)
            throw new LoadException("The system does not allow to pin a thread to a core.");
    }
}

using System.Globalization;

namespace WsPumps.Load.Platform;

/// <summary>The most memory that this process had resident, from a moment on.</summary>
internal static class PeakMemory
{
    private const string ResetPeak = "5";

    /// <returns>What is resident now, in bytes.</returns>
    public static long Begin()
    {
        File.WriteAllText("/proc/self/clear_refs", ResetPeak);
        return Read();
    }

    public static long Read()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}

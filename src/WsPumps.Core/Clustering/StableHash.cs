namespace WsPumps.Clustering;

/// <summary>A hash that is the same on every server and in every version (FNV-1a), unlike that of <see cref="string"/>.</summary>
internal static class StableHash
{
    public static uint Of(ReadOnlySpan<char> text)
    {
        var hash = 2166136261u;
        foreach (var character in text)
        {
            hash = (hash ^ (byte)character) * 16777619u;
            hash = (hash ^ (byte)(character >> 8)) * 16777619u;
        }

        return hash;
    }
}

namespace WsPumps;

/// <summary>The place of a message in the history of its group. The default is before the first.</summary>
public readonly record struct HistoryOffset : IComparable<HistoryOffset>
{
    /// <param name="major">Compared first.</param>
    /// <param name="minor">Compared where the first is the same.</param>
    public HistoryOffset(ulong major, ulong minor) => (Major, Minor) = (major, minor);

    /// <summary>Compared first.</summary>
    public ulong Major { get; }

    /// <summary>Compared where the first is the same.</summary>
    public ulong Minor { get; }

    /// <inheritdoc/>
    public int CompareTo(HistoryOffset other) => Major == other.Major ? Minor.CompareTo(other.Minor) : Major.CompareTo(other.Major);

    /// <summary>Whether one is before another.</summary>
    public static bool operator <(HistoryOffset left, HistoryOffset right) => left.CompareTo(right) < 0;

    /// <summary>Whether one is after another.</summary>
    public static bool operator >(HistoryOffset left, HistoryOffset right) => left.CompareTo(right) > 0;

    /// <summary>Whether one is not after another.</summary>
    public static bool operator <=(HistoryOffset left, HistoryOffset right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one is not before another.</summary>
    public static bool operator >=(HistoryOffset left, HistoryOffset right) => left.CompareTo(right) >= 0;
}

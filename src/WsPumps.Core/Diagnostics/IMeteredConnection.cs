namespace WsPumps.Diagnostics;

/// <summary>A connection that counts for itself, as the sums of the application see it.</summary>
internal interface IMeteredConnection
{
    /// <summary>Its place in the list of all; kept by <see cref="ApplicationCounters"/>.</summary>
    int Index { get; set; }

    /// <summary>What is new since the last time. Called under a lock.</summary>
    /// <param name="drops">Where the drops are added, by reason.</param>
    PumpsTotals Take(Span<long> drops);
}

namespace WsPumps.Outbound;

/// <summary>What comes after a turn of the reader of an <see cref="OutboundChannel"/>.</summary>
internal enum TurnEnd
{
    /// <summary>There is more to read: the turn is not over.</summary>
    GoesOn,

    /// <summary>It rests until there is something to read.</summary>
    Rests,

    /// <summary>Nothing will come any more.</summary>
    WasLast,
}

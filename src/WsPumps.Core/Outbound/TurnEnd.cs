namespace WsPumps.Outbound;

/// <summary>What comes after a turn of a client's write pump.</summary>
internal enum TurnEnd
{
    /// <summary>There is more to write.</summary>
    GoesOn,

    /// <summary>It rests until there is something to write.</summary>
    Rests,

    /// <summary>Nothing more will come.</summary>
    WasLast,
}

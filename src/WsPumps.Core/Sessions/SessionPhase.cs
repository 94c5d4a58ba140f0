namespace WsPumps.Sessions;

internal enum SessionPhase
{
    /// <summary>A connection serves it.</summary>
    Served,

    /// <summary>A connection has served it, and is being closed: its peer is to come back elsewhere.</summary>
    Leaving,

    /// <summary>There is none.</summary>
    Away,

    /// <summary>One has come, and is sent again what it lacks.</summary>
    SendingAgain,

    Ended,
}

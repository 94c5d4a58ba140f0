namespace WsPumps.Sessions;

internal enum SessionPhase
{
    /// <summary>A connection serves it.</summary>
    Served,

    /// <summary>There is none.</summary>
    Away,

    /// <summary>One has come, and is sent again what it lacks.</summary>
    SendingAgain,

    Ended,
}

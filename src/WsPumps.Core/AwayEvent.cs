namespace WsPumps;

/// <summary>The connection of a session was lost. It waits for another one.</summary>
public readonly record struct AwayEvent;

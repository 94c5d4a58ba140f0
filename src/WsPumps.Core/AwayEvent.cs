namespace WsPumps;

/// <summary>A session has lost its connection and waits for its peer to come back; see <see cref="ClientEvents.Away"/>.</summary>
public readonly record struct AwayEvent;

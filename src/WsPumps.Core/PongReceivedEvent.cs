namespace WsPumps;

/// <summary>The peer answered a ping; see <see cref="ClientEvents.PongReceived"/>.</summary>
public readonly record struct PongReceivedEvent
{
    /// <summary>The time from our ping to this answer.</summary>
    public TimeSpan RoundTripTime { get; init; }
}

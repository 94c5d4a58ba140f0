namespace WsPumps;

/// <summary>The peer sent a ping; see <see cref="ClientEvents.PingReceived"/>.</summary>
public readonly record struct PingReceivedEvent;

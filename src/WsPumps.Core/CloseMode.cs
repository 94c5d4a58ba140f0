namespace WsPumps;

/// <summary>What happens to messages that are still queued when a close begins.</summary>
public enum CloseMode
{
    /// <summary>Queued messages leave first, within <see cref="ClientOptions.WriteTimeout"/>; then the close frame.</summary>
    Drain,

    /// <summary>Queued messages are discarded and counted as unsent; the close frame goes out at once.</summary>
    Now,
}

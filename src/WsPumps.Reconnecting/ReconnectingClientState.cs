namespace WsPumps;

/// <summary>What a <see cref="ReconnectingClient"/> is doing.</summary>
public enum ReconnectingClientState
{
    /// <summary>It has not been started.</summary>
    NotStarted,

    /// <summary>An attempt to connect is under way.</summary>
    Connecting,

    /// <summary>There is a connection.</summary>
    Connected,

    /// <summary>It waits for the time of the next attempt.</summary>
    Waiting,

    /// <summary>It has ended for good; <see cref="ReconnectingClient.Completion"/> tells why.</summary>
    Closed,
}

namespace WsPumps;

/// <summary>What happens to a peer that sends faster than it may.</summary>
public enum FastClientPolicy
{
    /// <summary>The connection is closed with 1008.</summary>
    Disconnect,

    /// <summary>The connection is not read until the message is allowed, so that the peer's own sending comes to a halt.</summary>
    Throttle,
}

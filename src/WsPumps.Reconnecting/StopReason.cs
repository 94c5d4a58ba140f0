namespace WsPumps;

/// <summary>Why a <see cref="ReconnectingClient"/> has ended for good.</summary>
public enum StopReason
{
    /// <summary>Nothing is known: the value of a variable that was never set.</summary>
    Unknown,

    /// <summary><see cref="ReconnectingClient.CloseAsync"/> or <see cref="ReconnectingClient.DisposeAsync"/> was called.</summary>
    Closed,

    /// <summary>The peer closed with a code after which another attempt would end the same way.</summary>
    PeerClosed,

    /// <summary>The handshake was refused with an HTTP status that another attempt would not change.</summary>
    Refused,

    /// <summary>
    /// An attempt cannot be made at all: the options contradict each other, or the application's code that configures it failed.
    /// </summary>
    Misconfigured,
}

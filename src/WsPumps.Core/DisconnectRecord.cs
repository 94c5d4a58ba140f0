using System.Net.WebSockets;

namespace WsPumps;

/// <summary>How a connection ended, and what was sent and received over it.</summary>
public sealed record DisconnectRecord
{
    /// <summary>The first cause of the end.</summary>
    public required DisconnectReason Reason { get; init; }

    /// <summary>Who ended it. Follows from <see cref="Reason"/>.</summary>
    public DisconnectInitiator Initiator => Reason switch
    {
        DisconnectReason.Unknown => DisconnectInitiator.Unknown,
        DisconnectReason.PeerClosed => DisconnectInitiator.Peer,
        DisconnectReason.ConnectionLost or DisconnectReason.PongTimeout => DisconnectInitiator.Network,
        _ => DisconnectInitiator.Local,
    };

    /// <summary>The close code that was written to the peer; null when no close frame was sent.</summary>
    public WebSocketCloseStatus? LocalStatus { get; init; }

    /// <summary>The reason text that was written to the peer, perhaps empty; null when no close frame was sent.</summary>
    public string? LocalReason { get; init; }

    /// <summary>The close code that the peer sent; null when none came. A close frame without a code counts as 1000.</summary>
    public WebSocketCloseStatus? PeerStatus { get; init; }

    /// <summary>The reason text in the peer's close frame; null when none came.</summary>
    public string? PeerReason { get; init; }

    /// <summary>The exception behind the end, where there was one.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The time from the creation of the client to the end of both pumps.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Messages handed to the transport.</summary>
    public long MessagesSent { get; init; }

    /// <summary>Payload bytes handed to the transport.</summary>
    public long BytesSent { get; init; }

    /// <summary>Messages received whole, whether or not a handler saw them.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Payload bytes of the messages received whole.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Messages that had been accepted and were not handed to the transport.</summary>
    public long MessagesUnsent { get; init; }

    /// <summary>Payload bytes of the messages that were not handed to the transport.</summary>
    public long BytesUnsent { get; init; }

    /// <summary>Messages that were dropped while the client was connected, for any <see cref="DropReason"/>.</summary>
    public long MessagesDropped { get; init; }
}

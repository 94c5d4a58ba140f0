using WsPumps.Outgoing;

namespace WsPumps.Connecting;

/// <summary>How a connection begins.</summary>
internal sealed record Beginning
{
    public required bool IsReconnect { get; init; }

    public bool IsResumed { get; init; }

    /// <summary>How many messages of the server are lost for good, where that is known.</summary>
    public long? Missed { get; init; }

    /// <summary>The subprotocol of the application.</summary>
    public string? SubProtocol { get; init; }

    /// <summary>What was sent on former connections and has not arrived.</summary>
    public IReadOnlyCollection<OutgoingMessage> Lost { get; init; } = [];
}

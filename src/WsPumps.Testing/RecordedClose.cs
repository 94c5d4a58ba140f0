using System.Net.WebSockets;

namespace WsPumps.Testing;

/// <summary>A close that a <see cref="RecordingClient"/> was asked for.</summary>
public sealed record RecordedClose
{
    /// <summary>The code.</summary>
    public required WebSocketCloseStatus Status { get; init; }

    /// <summary>The reason, perhaps empty.</summary>
    public required string Reason { get; init; }

    /// <summary>Whether queued messages were to leave first.</summary>
    public CloseMode Mode { get; init; }
}

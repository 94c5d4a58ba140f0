using System.Net.WebSockets;

namespace WsPumps.Testing;

/// <summary>A close that a <see cref="RecordingClient"/> was asked for.</summary>
/// <param name="Status">The code.</param>
/// <param name="Reason">The reason, perhaps empty.</param>
/// <param name="Mode">Whether queued messages were to leave first.</param>
public sealed record RecordedClose(WebSocketCloseStatus Status, string Reason, CloseMode Mode);

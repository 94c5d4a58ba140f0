using System.Net.WebSockets;

namespace WsPumps.Lifetime;

/// <summary>Why a connection ends, and what the peer is told about it. The first one counts.</summary>
/// <param name="Reason">The reason that is reported.</param>
/// <param name="Status">The code of our close frame; null where none is sent.</param>
/// <param name="Text">The reason in our close frame.</param>
/// <param name="Exception">The exception behind it.</param>
internal sealed record EndCause(DisconnectReason Reason, WebSocketCloseStatus? Status = null, string Text = "", Exception? Exception = null);

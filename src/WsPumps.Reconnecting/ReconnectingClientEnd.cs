using System.Net;
using System.Net.WebSockets;

namespace WsPumps;

/// <summary>How a <see cref="ReconnectingClient"/> ended for good.</summary>
public sealed record ReconnectingClientEnd
{
    /// <summary>Why it does not reconnect.</summary>
    public required StopReason Reason { get; init; }

    /// <summary>The close code of the peer, where it closed the last connection; otherwise null.</summary>
    public WebSocketCloseStatus? Status { get; init; }

    /// <summary>The reason in the peer's close frame, where it closed the last connection; otherwise null.</summary>
    public string? StatusDescription { get; init; }

    /// <summary>The HTTP status of the last handshake, where that was refused; otherwise null.</summary>
    public HttpStatusCode? HttpStatus { get; init; }

    /// <summary>The exception behind it; null when there was none.</summary>
    public Exception? Exception { get; init; }
}

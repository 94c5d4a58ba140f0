using System.Net;
using System.Net.WebSockets;

namespace WsPumps.Connecting;

/// <summary>What one attempt to connect has brought: a socket, or why not.</summary>
internal sealed record Attempt
{
    public WebSocket? Socket { get; init; }

    /// <summary>How many messages of the session the server has received, where it resumed one.</summary>
    public long? Received { get; init; }

    /// <summary>How many messages are lost for good, where the server could not resume and knows it.</summary>
    public long? Missed { get; init; }

    /// <summary>The status of the answer, where there was one that is no WebSocket.</summary>
    public HttpStatusCode? Status { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public Exception? Exception { get; init; }

    /// <summary>Whether the application's configuration is at fault, which another attempt would not change.</summary>
    public bool IsMisconfigured { get; init; }
}

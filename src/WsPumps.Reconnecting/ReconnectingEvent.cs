using System.Net;

namespace WsPumps;

/// <summary>A connection was lost, or an attempt has failed, and another one follows.</summary>
public sealed record ReconnectingEvent
{
    /// <summary>How the connection ended; null when there was none, because the attempt failed.</summary>
    public DisconnectRecord? Connection { get; init; }

    /// <summary>The HTTP status that the attempt was refused with; null when there was no answer, or when a connection was lost.</summary>
    public HttpStatusCode? HttpStatus { get; init; }

    /// <summary>What the attempt failed with; null when a connection was lost.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The time until the next attempt.</summary>
    public required TimeSpan Delay { get; init; }

    /// <summary>How many attempts have failed in a row, including connections that were lost before they were stable.</summary>
    public required int Failures { get; init; }
}

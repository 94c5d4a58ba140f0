using System.Net;

namespace WsPumps.Testing;

/// <summary>The server's answer to a handshake: a connection, or why there is none.</summary>
public sealed class HandshakeResult
{
    /// <summary>101 for a connection.</summary>
    public required HttpStatusCode Status { get; init; }

    /// <summary>The headers of the answer. Several of one name are joined with a comma.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The text of a refusal; empty for a connection.</summary>
    public required string Body { get; init; }

    /// <summary>The connection; null for a refusal.</summary>
    public TestPeer? Peer { get; init; }
}

namespace WsPumps.Hosting;

/// <summary>Why a request did not become a connection. The names, in snake case, are values of a metric tag.</summary>
internal enum RefusalReason
{
    /// <summary>It was no WebSocket handshake.</summary>
    NotWebSocket,

    /// <summary>It came from a page of a foreign origin.</summary>
    Origin,

    /// <summary>The host is stopping.</summary>
    Stopping,

    /// <summary>The setup callback refused it.</summary>
    Setup,

    /// <summary>The setup callback failed, or took too long.</summary>
    SetupFailed,

    /// <summary>The handshake itself failed: a header that is missing or malformed, or a peer that is gone.</summary>
    HandshakeFailed,
}

namespace WsPumps.Hosting;

/// <summary>Why a request did not become a connection. The names, in snake case, are values of a metric tag.</summary>
internal enum RefusalReason
{
    /// <summary>It was no WebSocket handshake.</summary>
    NotWebSocket,

    /// <summary>It came from a page of a foreign origin.</summary>
    Origin,

    /// <summary>It offered none of the subprotocols, one of which is required.</summary>
    SubProtocol,

    /// <summary>A limit on connections was reached.</summary>
    Limit,

    /// <summary>The host is stopping, or the server was asked to drain.</summary>
    Draining,

    /// <summary>The setup callback refused it.</summary>
    Setup,

    /// <summary>The setup callback failed, or took too long.</summary>
    SetupFailed,

    /// <summary>The handshake itself failed: a header that is missing or malformed, or a peer that is gone.</summary>
    HandshakeFailed,
}

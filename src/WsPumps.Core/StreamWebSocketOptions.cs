using System.Net.Sockets;

namespace WsPumps;

/// <summary>What a <see cref="StreamWebSocket"/> has to know about its connection.</summary>
public sealed class StreamWebSocketOptions
{
    /// <summary>Which end of the connection this is: a client masks what it sends, a server does not (RFC 6455, section 5.1).</summary>
    /// <value>Default: true, the server.</value>
    public bool IsServer { get; init; } = true;

    /// <summary>The subprotocol that was agreed on in the handshake.</summary>
    /// <value>Default: null, none.</value>
    public string? SubProtocol { get; init; }

    /// <summary>
    /// What was agreed on about compression. What is sent through the socket's own methods is not compressed; a <see cref="Client"/>
    /// compresses.
    /// </summary>
    /// <value>Default: null, a compressed message of the peer is a protocol error.</value>
    public CompressionAgreement? Compression { get; init; }

    /// <summary>
    /// Tears down the connection, so that reads and writes in progress end. May be called from any thread and more than once.
    /// </summary>
    /// <value>Default: null, the stream is disposed.</value>
    public Action? Abort { get; init; }

    /// <summary>Whether the stream stays open when the WebSocket is disposed, because its maker disposes it.</summary>
    /// <value>Default: false.</value>
    public bool LeaveOpen { get; init; }

    /// <summary>Whether the stream keeps what is written to it until it is flushed. An unnecessary flush costs time.</summary>
    /// <value>Default: true.</value>
    public bool NeedsFlush { get; init; } = true;

    /// <summary>
    /// The TCP socket that the stream ends in, where nothing lies between the two that changes bytes (TLS, logging). A <see cref="Client"/>
    /// writes frames straight to it, once it is certain that the stream has nothing left to send; the socket is then made non-blocking.
    /// </summary>
    /// <value>Default: null, frames are written to the stream.</value>
    public Socket? Socket { get; init; }

    /// <summary>
    /// The TCP socket of the connection, whatever lies between it and the stream: a <see cref="Client"/> asks it whether the connection
    /// is lost after a write that had to wait, because servers report such a write as done.
    /// </summary>
    /// <value>Default: null, it cannot be asked.</value>
    public Socket? ConnectionSocket { get; init; }

    /// <summary>
    /// How long the peer may be silent before a ping is sent. For a WebSocket that is used by itself; a <see cref="Client"/> sends its own.
    /// Time without a receive in progress is not counted.
    /// </summary>
    /// <value>Zero or more; zero for no pings. Default: zero.</value>
    public TimeSpan KeepAliveInterval { get; init; }

    /// <summary>How long the peer may take to send anything after a ping before the connection is aborted.</summary>
    /// <value>More than zero. Default: 15 seconds.</value>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long <see cref="StreamWebSocket.DisposeAsync"/> waits for the peer to close, so that a close frame that was sent is not lost.
    /// </summary>
    /// <value>Zero or more. Default: 5 seconds.</value>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock for all of these times.</summary>
    /// <value>Default: the clock of the system.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

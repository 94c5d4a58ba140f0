using System.IO.Pipelines;
using System.Net.WebSockets;

namespace WsPumps;

/// <summary>A message while it arrives: it need not fit in memory. For a <see cref="MessageStreamHandler"/>.</summary>
/// <remarks>
/// Read it by <see cref="Stream"/> or by <see cref="Reader"/>, not by both, and not after the handler's task has ended. A read throws an
/// <see cref="IOException"/> when the message will not come whole: the connection is lost or closing, or the peer broke a rule.
/// </remarks>
public sealed class IncomingMessage
{
    /// <summary>How many bytes are read ahead of the handler. When it has not taken them, the connection is not read further.</summary>
    /// <value>65,536 bytes.</value>
    public const int MaxBuffered = 64 * 1024;

    /// <summary>How many bytes of a message are read and discarded after its handler has returned.</summary>
    /// <value>1,048,576 bytes.</value>
    public const int MaxSkipped = 1024 * 1024;

    private Stream? _stream;

    /// <summary>Creates a message for a test of your own handler.</summary>
    /// <param name="type">Text or binary.</param>
    /// <param name="reader">Provides the payload.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither text nor binary.</exception>
    public IncomingMessage(WebSocketMessageType type, PipeReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (type is not (WebSocketMessageType.Text or WebSocketMessageType.Binary))
            throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary.");

        (Type, Reader) = (type, reader);
    }

    internal IncomingMessage(WebSocketMessageType type, PipeReader reader, Stream stream)
        : this(type, reader) => _stream = stream;

    /// <summary>Text or binary, as the sender marked it (RFC 6455, section 5.6).</summary>
    /// <remarks>Text is validated as it arrives. A character may be split between two reads.</remarks>
    public WebSocketMessageType Type { get; }

    /// <summary>The payload, in the buffers that it was received into.</summary>
    public PipeReader Reader { get; }

    /// <summary>The payload, read only. The same bytes as those of <see cref="Reader"/>.</summary>
    public Stream Stream => _stream ??= Reader.AsStream();
}

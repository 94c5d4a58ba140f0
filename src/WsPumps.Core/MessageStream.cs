using System.IO.Pipelines;
using System.Net.WebSockets;

namespace WsPumps;

/// <summary>
/// One message that is written while it is sent, in fragments (RFC 6455, section 5.4): it need not fit in memory. From
/// <see cref="IClient.OpenMessageAsync"/>.
/// </summary>
/// <remarks>
/// <para>
/// Call <see cref="CompleteAsync"/> when everything was written. What was begun on the wire cannot be taken back: disposing a message that
/// is not complete ends the connection, with <see cref="DisconnectReason.MessageAbandoned"/>. Only if nothing was handed over, by a flush
/// or because a buffer of 60 KiB was full, it is as if it had never been opened.
/// </para>
/// <para>
/// For one caller at a time, with the stream's own methods or with <see cref="Writer"/>. A write waits while the peer has not taken what
/// was written before. <see cref="Stream.FlushAsync(CancellationToken)"/> sends what has been written so far as a separate fragment.
/// </para>
/// <para>To write a client from scratch that can stream, derive from it.</para>
/// </remarks>
public abstract class MessageStream : Stream
{
    /// <summary>Text or binary. What is written to a text message must be UTF-8; a character may be split between two writes.</summary>
    public abstract WebSocketMessageType Type { get; }

    /// <summary>
    /// Writes into the buffers of the message without a copy. Completing it completes the message, and does not wait; completing it with
    /// an exception abandons the message.
    /// </summary>
    public abstract PipeWriter Writer { get; }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw NotSeekable();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw NotSeekable();
        set => throw NotSeekable();
    }

    /// <summary>Ends the message. Nothing may be written to it afterwards. Safe to repeat.</summary>
    /// <param name="cancellationToken">Ends the waiting; the message is complete nevertheless, and is sent.</param>
    /// <returns>Completes when all of it was handed to the transport. It does not mean that the peer has received it.</returns>
    /// <exception cref="InvalidOperationException">An earlier write to the message has failed.</exception>
    /// <exception cref="ArgumentException">A text message ends in the middle of a character.</exception>
    /// <exception cref="IOException">The connection ended before all of it was sent.</exception>
    public abstract Task CompleteAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException(
        $"A {nameof(MessageStream)} is written only. Messages of the peer are read by handlers.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw NotSeekable();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw NotSeekable();

    private static NotSupportedException NotSeekable() =>
        new($"A {nameof(MessageStream)} has neither a length nor a position: what was written is on its way.");
}

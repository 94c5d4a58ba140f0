using System.Buffers;

namespace WsPumps.Sessions;

/// <summary>
/// The frames of the next write, as the connection of the moment has agreed on. A session keeps its messages as they were written, because
/// the next connection may agree on something else. For one write at a time.
/// </summary>
internal struct SessionFrames
{
    private byte[]? _joined;
    private ReadOnlyMemory<byte>? _frames;

    /// <summary>The form in which a message goes to a connection.</summary>
    public static PreparedMessage FormOf(PreparedMessage message, CompressionAgreement? compression) =>
        compression is null || message.IsControl || message.IsStreamed ? message : compression.FormOf(message);

    /// <summary>Compresses what is to be compressed of a batch.</summary>
    public void Make(ReadOnlySpan<PreparedMessage> messages, CompressionAgreement? compression)
    {
        GiveBack();
        if (compression is null || Length(messages, compression) is not { } length)
            return;

        if (messages.Length == 1)
        {
            _frames = FormOf(messages[0], compression).Frame;
            return;
        }

        _joined = ArrayPool<byte>.Shared.Rent(length);
        var end = 0;
        foreach (var message in messages)
        {
            var frame = FormOf(message, compression).Frame;
            frame.Span.CopyTo(_joined.AsSpan(end));
            end += frame.Length;
        }

        _frames = _joined.AsMemory(0, end);
    }

    /// <summary>What was made; the frames as they are where there was nothing to compress.</summary>
    public readonly ReadOnlyMemory<byte> Or(ReadOnlyMemory<byte> plain) => _frames ?? plain;

    /// <summary>The write has ended.</summary>
    public void GiveBack()
    {
        if (_joined is not null)
            ArrayPool<byte>.Shared.Return(_joined);
        (_joined, _frames) = (null, null);
    }

    /// <returns>Null where nothing of the batch is compressed.</returns>
    private static int? Length(ReadOnlySpan<PreparedMessage> messages, CompressionAgreement compression)
    {
        var (length, changes) = (0, false);
        foreach (var message in messages)
        {
            var form = FormOf(message, compression);
            length += form.FrameLength;
            changes |= form != message;
        }

        return changes ? length : null;
    }
}

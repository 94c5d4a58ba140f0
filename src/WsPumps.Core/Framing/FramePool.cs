using System.Buffers;

namespace WsPumps.Framing;

/// <summary>
/// Frames for messages that go to one client only: its queue is the single owner and gives the frame back when it was
/// written. A frame that is not given back is an ordinary object; nothing is lost but its reuse.
/// </summary>
internal static class FramePool
{
    private const int KeptPerProcessor = 1024;

    /// <summary>A buffer of up to this size stays with its frame; larger ones go back to the shared pool.</summary>
    private const int KeptBuffer = 512;

    private static readonly ObjectPool<PreparedMessage> Kept = new(KeptPerProcessor);

    /// <exception cref="ArgumentException">A text message is not UTF-8, or the payload is too long for a frame.</exception>
    public static PreparedMessage Rent(Message message)
    {
        var length = message.Payload.Length;
        if (length > PreparedMessage.MaxLength)
        {
            throw new ArgumentException($"A message of {length} bytes is over the limit of {PreparedMessage.MaxLength} bytes " +
                "(PreparedMessage.MaxLength).", nameof(message));
        }

        var frame = Kept.TryTake() ?? new PreparedMessage { IsPooled = true };

        var needed = FrameHeader.LengthFor(length) + length;
        var buffer = frame.TakeBuffer();
        if (buffer.Length < needed)
            buffer = needed <= KeptBuffer ? new byte[KeptBuffer] : ArrayPool<byte>.Shared.Rent(needed);

        frame.Fill(message, buffer);
        return frame;
    }

    /// <summary>Takes back a frame that was rented; leaves any other alone. The caller must not touch it again.</summary>
    public static void Return(PreparedMessage frame)
    {
        if (!frame.IsPooled)
            return;

        var buffer = frame.TakeBuffer();
        // Of a fragment, the buffer is what counts.
        if (frame.IsStreamed)
        {
            FragmentPool.Return(buffer);
            return;
        }

        if (buffer.Length > KeptBuffer)
            ArrayPool<byte>.Shared.Return(buffer);
        else
            frame.KeepBuffer(buffer);
        Kept.Return(frame);
    }
}

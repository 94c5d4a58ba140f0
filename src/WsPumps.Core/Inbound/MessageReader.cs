using WsPumps.Framing;

namespace WsPumps.Inbound;

/// <summary>
/// Puts messages together, in pooled buffers that grow with what has come. For the read pump: <see cref="Next"/> until it needs bytes, then
/// <see cref="FillAsync"/> and <see cref="Filled"/>. A connection that is idle holds no buffer.
/// </summary>
internal abstract class MessageReader(int maxMessageSize, TimeProvider time)
{
    private long _beganAt;
    private volatile IncomingStream? _streaming;

    public int MaxMessageSize => maxMessageSize;

    /// <summary>The timestamp of the first byte of a message or frame that has not arrived whole yet; 0 while there is none.</summary>
    public long MessageBeganAt => Volatile.Read(ref _beganAt);

    /// <summary>The message that is being received as a stream; null while there is none.</summary>
    public IncomingStream? Streaming { get => _streaming; protected set => _streaming = value; }

    /// <summary>By how many bytes decompression has lengthened what was received.</summary>
    public virtual long BytesInflated => 0;

    /// <summary>What was counted of the frames since the last time: how many, and the bytes of those that bring no message.</summary>
    public (int Frames, int ControlBytes) Counted { get; protected set; }

    /// <summary>What a control frame that was the last step carries; until the next step.</summary>
    public virtual ReadOnlySpan<byte> ControlPayload => default;

    /// <summary>The rule that the peer broke.</summary>
    public virtual FrameError? Error => null;

    /// <summary>What is there. A message is the caller's to release.</summary>
    public abstract ReadOutcome Next(out ReceivedMessage message);

    /// <summary>Reads once. The first time it may only have waited.</summary>
    public abstract ValueTask<int> FillAsync();

    /// <summary>Takes what <see cref="FillAsync"/> has brought.</summary>
    /// <returns>Whether anything came from the peer.</returns>
    /// <exception cref="EndOfStreamException">The connection ended without a close frame.</exception>
    public abstract bool Filled(int count);

    /// <summary>
    /// Reads and forgets whatever comes, until the peer's close frame or the end of the connection. Closing TCP with unread bytes would
    /// reset it, and the peer would lose what was last written to it.
    /// </summary>
    public abstract Task DiscardAsync();

    /// <summary>The connection is torn down: a discarding that waits ends.</summary>
    public virtual void Abort()
    {
    }

    /// <summary>All of the message has come that is received as a stream.</summary>
    public void EndStreaming()
    {
        Streaming!.End();
        Streaming = null;
    }

    /// <summary>The reading has ended, and with it a message that was being received as a stream.</summary>
    public virtual void BreakStreaming()
    {
        Streaming?.Break();
        Streaming?.Release();
        Streaming = null;
    }

    /// <summary>Its handler does not keep up: that is no time of the peer.</summary>
    public void Pause() => Volatile.Write(ref _beganAt, 0);

    /// <summary>Gives back what it holds. When the reading has ended.</summary>
    public abstract void Release();

    /// <summary>To be called before more is read.</summary>
    /// <param name="isPartial">Whether something has begun to come and has not come whole.</param>
    protected void NoteProgress(bool isPartial)
    {
        // What comes as a stream has all the time that it moves.
        if (!isPartial || Streaming is not null)
            Volatile.Write(ref _beganAt, isPartial ? time.GetTimestamp() : 0);
        else if (_beganAt == 0)
            Volatile.Write(ref _beganAt, time.GetTimestamp());
    }

    /// <summary>Counts one frame.</summary>
    public void Count(int controlBytes = 0) => Counted = (Counted.Frames + 1, Counted.ControlBytes + controlBytes);

    public void ResetCounted() => Counted = default;
}

namespace WsPumps.Framing;

/// <summary>What a <see cref="FrameDecoder"/> has found next.</summary>
internal enum FrameStep
{
    /// <summary>Nothing whole: more bytes must be read.</summary>
    NeedsBytes,

    /// <summary>Payload of a message, or the end of one.</summary>
    Data,

    Ping,

    Pong,

    /// <summary>The peer's close frame. Nothing behind it has a meaning.</summary>
    Close,

    /// <summary>The peer broke a rule; see <see cref="FrameDecoder.Error"/>. There is nothing more to be read.</summary>
    Error,
}

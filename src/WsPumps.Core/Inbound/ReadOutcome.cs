namespace WsPumps.Inbound;

/// <summary>What reading brought.</summary>
internal enum ReadOutcome
{
    /// <summary>Nothing whole: more must be read.</summary>
    NeedsBytes,

    Message,

    Ping,

    Pong,

    /// <summary>The peer's close frame.</summary>
    Closed,

    /// <summary>A message over the limit. The rest of it is still to come.</summary>
    TooBig,

    /// <summary>A message begins that is received as a stream.</summary>
    Stream,

    /// <summary>A part of that message.</summary>
    StreamPart,

    /// <summary>The last part of it.</summary>
    StreamEnd,

    /// <summary>A message that is received as a stream is over its limit.</summary>
    StreamTooBig,

    /// <summary>The handler has left a message that is received as a stream, and there is too much more of it.</summary>
    Unwanted,

    /// <summary>The peer broke a rule of the protocol.</summary>
    Faulted,

    /// <summary>More messages or bytes than the rate allows.</summary>
    TooFast,
}

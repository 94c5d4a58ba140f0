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

    /// <summary>The peer broke a rule of the protocol.</summary>
    Faulted,

    /// <summary>More messages or bytes than the rate allows.</summary>
    TooFast,
}

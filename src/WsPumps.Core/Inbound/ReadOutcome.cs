namespace WsPumps.Inbound;

/// <summary>What reading brought.</summary>
internal enum ReadOutcome
{
    Message,

    /// <summary>The peer's close frame.</summary>
    Closed,

    /// <summary>A message over the limit. The rest of it is still to come.</summary>
    TooBig,

    /// <summary>More messages or bytes than the rate allows.</summary>
    TooFast,
}

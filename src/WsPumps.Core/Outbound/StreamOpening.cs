namespace WsPumps.Outbound;

/// <summary>Whether a message can be streamed.</summary>
internal enum StreamOpening
{
    Opened,

    /// <summary>Another one is being streamed.</summary>
    Busy,

    /// <summary>The queue accepts nothing more.</summary>
    Closed,
}

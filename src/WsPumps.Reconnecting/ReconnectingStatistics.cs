namespace WsPumps;

/// <summary>
/// The counters of a <see cref="ReconnectingClient"/>: accepted messages = sent + expired + unknown + closed + canceled + queued.
/// </summary>
public readonly record struct ReconnectingStatistics
{
    /// <summary>Connections that were made.</summary>
    public long Connections { get; init; }

    /// <summary>Messages received on all of them.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Messages that ended as <see cref="SendResult.Sent"/>.</summary>
    public long MessagesSent { get; init; }

    /// <summary>Messages that ended as <see cref="SendResult.Expired"/>.</summary>
    public long MessagesExpired { get; init; }

    /// <summary>Messages that ended as <see cref="SendResult.Unknown"/>.</summary>
    public long MessagesUnknown { get; init; }

    /// <summary>Messages that ended as <see cref="SendResult.Closed"/>.</summary>
    public long MessagesClosed { get; init; }

    /// <summary>Messages whose write was canceled before they were sent.</summary>
    public long MessagesCanceled { get; init; }

    /// <summary>Messages that were not accepted because the queue was full.</summary>
    public long MessagesRefused { get; init; }

    /// <summary>Messages that were accepted and wait now, or are being handed over.</summary>
    public int QueuedMessages { get; init; }

    /// <summary>Their payload bytes.</summary>
    public long QueuedBytes { get; init; }
}

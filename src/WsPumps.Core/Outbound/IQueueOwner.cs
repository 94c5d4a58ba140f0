namespace WsPumps.Outbound;

/// <summary>Whose queue it is: told what the queue cannot decide alone.</summary>
internal interface IQueueOwner
{
    /// <summary>
    /// All queues together hold too much, and this one is the furthest behind: makes room for so many bytes in the way of its policy.
    /// </summary>
    void GiveWay(long bytes);
}

namespace WsPumps.Outbound;

/// <summary>Told when the ping that was queued goes out.</summary>
internal interface IPingObserver
{
    /// <summary>Just before it is handed to the transport. By the one writer.</summary>
    void PingLeaves();
}

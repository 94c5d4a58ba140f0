namespace WsPumps.Hosting;

/// <summary>A connection that no manager knows yet.</summary>
internal interface IPendingConnection
{
    /// <summary>Closes it. Completes when it is gone, or after the time of the drain. Never faults.</summary>
    Task LeaveAsync(DrainOptions drain);
}

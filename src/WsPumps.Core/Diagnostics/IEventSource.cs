namespace WsPumps.Diagnostics;

/// <summary>A client whose events are raised.</summary>
internal interface IEventSource : IClient
{
    /// <summary>The events, where somebody has asked for them.</summary>
    ClientEvents? EventsInUse { get; }
}

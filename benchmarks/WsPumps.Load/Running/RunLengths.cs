namespace WsPumps.Load.Running;

/// <summary>How long the parts of a run take.</summary>
/// <param name="Quiet">Between the connecting and the first message: what a server does with a connection that has time, it does then.</param>
/// <param name="WarmUp">Before anything is measured.</param>
/// <param name="MaxSettling">How many seconds more the runtime gets at most to compile what is hot.</param>
/// <param name="Measured">The part that counts.</param>
/// <param name="Idle">Long enough for each idle connection to be pinged once.</param>
internal sealed record RunLengths(TimeSpan Quiet, TimeSpan WarmUp, int MaxSettling, TimeSpan Measured, TimeSpan Idle)
{
    public static readonly RunLengths Full = new(TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(3), MaxSettling: 15, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(25));

    /// <summary>Says only that everything runs.</summary>
    public static readonly RunLengths Smoke = new(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(0.2), MaxSettling: 0, TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(3));

    public static readonly RunLengths Quick = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), MaxSettling: 0, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
}

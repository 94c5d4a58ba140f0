namespace WsPumps.Load.Running;

/// <summary>How long the parts of a run take.</summary>
/// <param name="WarmUp">Until the runtime has compiled what is hot.</param>
/// <param name="Measured">The part that counts.</param>
/// <param name="Idle">Long enough for each idle connection to be pinged once.</param>
internal sealed record RunLengths(TimeSpan WarmUp, TimeSpan Measured, TimeSpan Idle)
{
    public static readonly RunLengths Full = new(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(25));

    public static readonly RunLengths Quick = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
}

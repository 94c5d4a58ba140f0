namespace WsPumps;

/// <summary>The options of a dashboard. They are its own: what the application sets for its endpoints does not apply to it.</summary>
public sealed class DashboardOptions
{
    /// <summary>How often an open page receives the current state.</summary>
    /// <value>250 milliseconds to 1 hour. Default: 1 second.</value>
    public TimeSpan UpdateInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many pages may be open at a time; one more is refused with 503.</summary>
    /// <value>At least 1. Default: 100.</value>
    public int MaxViewers { get; set; } = 100;

    /// <summary>
    /// Whether the same-origin check uses the <c>X-Forwarded-Host</c> header, where a proxy sets one, instead of <c>Host</c>.
    /// </summary>
    /// <value>Default: false.</value>
    public bool UseForwardedHost { get; set; }

    internal IEnumerable<string> Validate()
    {
        if (UpdateInterval < TimeSpan.FromMilliseconds(250) || UpdateInterval > TimeSpan.FromHours(1))
        {
            yield return $"{nameof(UpdateInterval)} is {UpdateInterval}; it must be between {TimeSpan.FromMilliseconds(250)} and " +
                $"{TimeSpan.FromHours(1)}.";
        }

        if (MaxViewers < 1)
            yield return $"{nameof(MaxViewers)} is {MaxViewers}; it must be at least 1.";
    }
}

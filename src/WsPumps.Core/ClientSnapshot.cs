namespace WsPumps;

/// <summary>One connection at one moment, for an admin view.</summary>
public sealed record ClientSnapshot
{
    /// <summary>The client's id.</summary>
    public required string Id { get; init; }

    /// <summary>Whose connection it is; null when nobody is known.</summary>
    public string? UserId { get; init; }

    /// <summary>The groups it is in, in no particular order.</summary>
    public IReadOnlyCollection<string> Groups { get; init; } = [];

    /// <summary>How long it has been connected; null where the client keeps no statistics.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>Its statistics; all zero where the client keeps none.</summary>
    public ClientStatistics Statistics { get; init; }
}

namespace WsPumps;

/// <summary>The state of a cluster engine.</summary>
public readonly record struct BackplaneStatus
{
    /// <summary>Whether it can be reached.</summary>
    public BackplaneState State { get; init; }

    /// <summary>Since when it has been so.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Why it could not be reached last; null where there was no failure since it was connected.</summary>
    public string? Error { get; init; }
}

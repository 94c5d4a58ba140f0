namespace WsPumps;

/// <summary>The state of a cluster engine.</summary>
public readonly record struct BackplaneStatus
{
    /// <summary>Whether it can be reached.</summary>
    public BackplaneState State { get; init; }

    /// <summary>When it entered this state.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Why it could not be reached most recently; null when nothing has failed since it connected.</summary>
    public string? Error { get; init; }
}

namespace WsPumps;

/// <summary>Whether a cluster engine can be reached.</summary>
public enum BackplaneState
{
    /// <summary>It has not been started.</summary>
    Unknown = 0,

    /// <summary>It connects for the first time.</summary>
    Connecting,

    /// <summary>It is connected.</summary>
    Connected,

    /// <summary>It cannot be reached, or can no longer be reached. It tries again.</summary>
    Lost,
}

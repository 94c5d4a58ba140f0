namespace WsPumps;

/// <summary>Whether a cluster engine can be reached.</summary>
public enum BackplaneState
{
    /// <summary>It has not been started.</summary>
    Unknown = 0,

    /// <summary>It is connecting for the first time.</summary>
    Connecting,

    /// <summary>It is connected.</summary>
    Connected,

    /// <summary>It was connected and can no longer be reached. It keeps trying to reconnect.</summary>
    Lost,
}

namespace WsPumps;

/// <summary>Who ended a connection.</summary>
public enum DisconnectInitiator
{
    /// <summary>Nothing is known.</summary>
    Unknown,

    /// <summary>We did: the application, or a limit that the peer passed.</summary>
    Local,

    /// <summary>The peer, with a close frame.</summary>
    Peer,

    /// <summary>Nobody said a word: the connection broke, or the peer fell silent.</summary>
    Network,
}

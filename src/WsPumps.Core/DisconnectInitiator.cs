namespace WsPumps;

/// <summary>Who ended a connection.</summary>
public enum DisconnectInitiator
{
    /// <summary>Nothing is known.</summary>
    Unknown,

    /// <summary>This end: the application, or a limit that the peer exceeded.</summary>
    Local,

    /// <summary>The peer, with a close frame.</summary>
    Peer,

    /// <summary>Neither end sent a close frame: the connection broke, or the peer fell silent.</summary>
    Network,
}

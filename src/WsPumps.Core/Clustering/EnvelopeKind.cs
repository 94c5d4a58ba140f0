namespace WsPumps.Clustering;

/// <summary>What an envelope carries. The numbers go over the wire and stay.</summary>
internal enum EnvelopeKind : byte
{
    /// <summary>Nothing known.</summary>
    Unknown = 0,

    /// <summary>A message for an audience. Numbered.</summary>
    Message = 1,

    /// <summary>Close the connections of an audience. Numbered.</summary>
    Close = 2,

    /// <summary>Abort the connections of an audience. Numbered.</summary>
    Abort = 3,

    /// <summary>
    /// A message whose content is compressed, as frames for some clients are (RFC 7692). Numbered. A kind of its own, so that a node of a
    /// version that does not know it misses it instead of misreading it.
    /// </summary>
    CompressedMessage = 4,

    /// <summary>
    /// The number of the last envelope on this channel, not one of its own: a loss at the end shows, and the channel is proved.
    /// </summary>
    Marker = 10,

    /// <summary>Asks all others for markers on some channels.</summary>
    MarkersWanted = 11,

    /// <summary>A node is there.</summary>
    Heartbeat = 20,

    /// <summary>A node goes.</summary>
    Goodbye = 21,

    /// <summary>Asks about the clients of an audience.</summary>
    Query = 30,

    /// <summary>The answer of one node.</summary>
    Answer = 31,

    /// <summary>How many connections groups and users have at a node.</summary>
    Presence = 40,

    /// <summary>Asks one node for all of its presence.</summary>
    PresenceWanted = 41,

    /// <summary>Asks all others for a session whose client has come to this node.</summary>
    SessionWanted = 50,

    /// <summary>Whether the node has the session, and lets it go.</summary>
    SessionOffered = 51,

    /// <summary>The node that has asked is ready: the session is to go over to it now.</summary>
    SessionTaken = 52,

    /// <summary>What the session consists of. The node that has sent it does not have the session any more.</summary>
    SessionGiven = 53,
}

namespace WsPumps.Registry;

/// <summary>How far a client has come. It goes one way; a client that comes back gets a new entry.</summary>
internal enum ClientState
{
    /// <summary>In groups, or about to be registered; not listed.</summary>
    Pending,

    /// <summary>Listed, also under its user.</summary>
    Registered,

    /// <summary>In no list, no group and not in the map.</summary>
    Gone,
}

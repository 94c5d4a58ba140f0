namespace WsPumps;

/// <summary>A client has joined a group or left it; see <see cref="Broadcaster.Joined"/> and <see cref="Broadcaster.Left"/>.</summary>
public readonly record struct MembershipEvent
{
    /// <summary>The client, as it joined or was registered.</summary>
    public required IClient Client { get; init; }

    /// <summary>The name of the group.</summary>
    public required string Group { get; init; }
}

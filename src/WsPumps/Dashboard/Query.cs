namespace WsPumps.Dashboard;

/// <summary>What a viewer looks at. Equal queries get one answer, made once.</summary>
internal sealed record Query
{
    public static readonly Query First = new();

    /// <summary>connections, connection, groups, group, node, log or cluster.</summary>
    public string View { get; init; } = "connections";

    /// <summary>The id of the connection, or the name of the group, that is looked at.</summary>
    public string? Name { get; init; }

    /// <summary>A part of an id, user, group or address.</summary>
    public string? Search { get; init; }

    /// <summary>The route, exactly.</summary>
    public string? Endpoint { get; init; }

    /// <summary>A part of the user's id.</summary>
    public string? User { get; init; }

    /// <summary>A part of the name of a group.</summary>
    public string? Group { get; init; }

    /// <summary>What the address begins with.</summary>
    public string? Address { get; init; }

    /// <summary>One of <see cref="ConnectionState"/>.</summary>
    public string? State { get; init; }

    /// <summary>The column; null for those with the fullest queues, then the newest.</summary>
    public string? Sort { get; init; }

    public bool Descending { get; init; }

    /// <summary>From 0.</summary>
    public int Page { get; init; }
}

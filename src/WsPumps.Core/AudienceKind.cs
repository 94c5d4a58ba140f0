namespace WsPumps;

/// <summary>What an <see cref="AudienceSelector"/> selects clients by.</summary>
public enum AudienceKind
{
    /// <summary>Every registered client.</summary>
    All,

    /// <summary>The members of one group or of several.</summary>
    Groups,

    /// <summary>The connections of one user or of several.</summary>
    Users,

    /// <summary>The clients with the given ids.</summary>
    Clients,
}

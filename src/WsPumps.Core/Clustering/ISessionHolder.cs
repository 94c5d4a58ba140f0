namespace WsPumps.Clustering;

/// <summary>A session of this node that another node may ask for.</summary>
internal interface ISessionHolder
{
    /// <summary>How it is spoken of.</summary>
    SessionSeal Seal { get; }

    /// <summary>Whose groups it is in.</summary>
    Broadcaster Broadcaster { get; }

    ResumeOptions Options { get; }

    /// <summary>Completes when it has begun; with null when none comes of it.</summary>
    Task<Client?> Client { get; }
}

namespace WsPumps.Clustering;

/// <summary>What a message about presence is. The numbers go over the wire and stay.</summary>
[Flags]
internal enum PresenceParts : byte
{
    /// <summary>What has changed.</summary>
    None = 0,

    /// <summary>All there is, in one part or more.</summary>
    All = 1,

    /// <summary>The first part of all.</summary>
    First = 2,

    /// <summary>The last part of all.</summary>
    Last = 4,

    /// <summary>There are more names than are told.</summary>
    Cut = 8,
}

namespace WsPumps.Clustering;

/// <summary>What is asked about an audience, or done with it and told. The numbers go over the wire and stay.</summary>
internal enum QueryKind : byte
{
    Unknown = 0,
    Count = 1,
    Snapshots = 2,
    Close = 3,
}

namespace WsPumps.Clustering;

/// <summary>Why something that came over the backplane is ignored.</summary>
internal enum EnvelopeFault
{
    None = 0,

    /// <summary>It is no envelope, or a broken one.</summary>
    Garbage,

    /// <summary>It is of another version of the library.</summary>
    OtherVersion,

    /// <summary>It is of another application.</summary>
    OtherApplication,
}

namespace WsPumps.Endpoints;

/// <summary>A connection whose place a newer one can take. Neither method throws.</summary>
internal interface IReplaceable
{
    /// <summary>The clock of the connection.</summary>
    TimeProvider Time { get; }

    /// <summary>Begins to close the connection.</summary>
    void Replace();

    /// <summary>Ends the connection at once.</summary>
    void Abort();
}

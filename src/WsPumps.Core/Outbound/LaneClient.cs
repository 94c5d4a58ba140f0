namespace WsPumps.Outbound;

/// <summary>What takes turns on a lane: for each client its write pump.</summary>
internal abstract class LaneClient
{
    /// <summary>The next one on the lane. Belongs to whoever adds it, then to the lane, until its turn.</summary>
    public LaneClient? Next { get; set; }

    /// <summary>There is something to do for a client that rested.</summary>
    public abstract void Wake();

    /// <summary>The same for a caller who waits for the write anyway: it may run on its thread.</summary>
    public virtual void WakeHere() => Wake();

    /// <summary>Does a bounded piece of work, without blocking and without calling code of the application.</summary>
    /// <returns>Whether there is more to do when the others have had their turns.</returns>
    public abstract bool TakeTurn(BatchBuilder batches);
}

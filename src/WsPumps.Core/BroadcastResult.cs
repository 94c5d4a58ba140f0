namespace WsPumps;

/// <summary>What became of one message for each of the clients it was sent to.</summary>
public readonly record struct BroadcastResult
{
    /// <summary>Clients whose queue took it.</summary>
    public int Queued { get; init; }

    /// <summary>Clients whose queue had no room, now or ever; see <see cref="WriteResult.Dropped"/> and <see cref="WriteResult.TooLarge"/>.</summary>
    public int Dropped { get; init; }

    /// <summary>Clients whose connection was already ending.</summary>
    public int Closed { get; init; }
}

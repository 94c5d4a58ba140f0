namespace WsPumps;

/// <summary>What became of one message for each of the clients it was sent to.</summary>
/// <param name="Queued">Clients whose queue took it.</param>
/// <param name="Dropped">Clients whose queue had no room, now or ever; see <see cref="WriteResult.Dropped"/> and <see cref="WriteResult.TooLarge"/>.</param>
/// <param name="Closed">Clients whose connection was already ending.</param>
public readonly record struct BroadcastResult(int Queued, int Dropped, int Closed);

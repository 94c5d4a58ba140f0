namespace WsPumps.Registry;

/// <summary>A client's place in one <see cref="SeatList"/>.</summary>
internal abstract class Seat(IClient client)
{
    public const int None = -1;

    public IClient Client { get; } = client;

    /// <summary>Where the seat is in its list; <see cref="None"/> when it is in none. Touched by the list only, under its lock.</summary>
    public int Index { get; set; } = None;
}

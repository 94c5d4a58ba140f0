namespace WsPumps.Registry;

/// <summary>A client as an item of one <see cref="ClientList"/>.</summary>
internal abstract class ListedClient(IClient client)
{
    public const int NotListed = -1;

    public IClient Client { get; } = client;

    /// <summary>Where it is in its list; <see cref="NotListed"/> when it is in none. Touched by the list only, under its lock.</summary>
    public int Index { get; set; } = NotListed;
}

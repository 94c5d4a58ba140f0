namespace WsPumps.Registry;

/// <summary>One client in one group. There can be millions of these: 40 bytes each.</summary>
internal sealed class Membership(IClient client, Group group) : ListedClient(client)
{
    public Group Group { get; } = group;
}

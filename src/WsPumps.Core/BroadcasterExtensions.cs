namespace WsPumps;

/// <summary>Audiences beside those that <see cref="Broadcaster"/> has itself.</summary>
public static class BroadcasterExtensions
{
    /// <summary>The registered clients of these ids, each once, in the order given. The ids are copied; those of nobody are skipped.</summary>
    /// <remarks>An extension, because a method of the class would hide its property <see cref="Manager.Clients"/>.</remarks>
    public static Audience Clients(this Broadcaster broadcaster, params IEnumerable<string> ids)
    {
        ArgumentNullException.ThrowIfNull(broadcaster);
        ArgumentNullException.ThrowIfNull(ids);
        return broadcaster.ClientsOf(ids);
    }
}

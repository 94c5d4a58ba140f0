using WsPumps.Registry;

namespace WsPumps;

/// <summary>A <see cref="Manager"/> that writes one message to many clients: choose the <see cref="Audience"/>, then write to it.</summary>
public sealed class Broadcaster : Manager
{
    /// <param name="settings">How it drains, and who is told what; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option of the drain is out of its range, or contradicts another.</exception>
    public Broadcaster(ManagerSettings? settings = null)
        : base(settings) => All = AudienceOf(new ClientView(Registry.Registered));

    /// <summary>Every registered client.</summary>
    public Audience All { get; }

    /// <summary>The members of a group; nobody when there is no such group.</summary>
    public Audience Group(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return AudienceOf(new ClientView(Registry.Groups, name));
    }

    /// <summary>All connections of a user; nobody when the user has none.</summary>
    public Audience User(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return AudienceOf(new ClientView(Registry.Users, id));
    }

    /// <summary>The registered client of this id, or nobody.</summary>
    public Audience Client(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return ClientsOf([id]);
    }

    /// <summary>Every registered client but these, see <see cref="Audience.Except"/>.</summary>
    public Audience Except(params ReadOnlySpan<IClient> clients) => All.Except(clients);

    /// <summary>The registered clients for whom the predicate is true, see <see cref="Audience.Where"/>.</summary>
    public Audience Where(Func<IClient, bool> predicate) => All.Where(predicate);

    /// <summary>Queues the message for every client: the same as writing to <see cref="All"/>.</summary>
    /// <inheritdoc cref="Audience.Write(PreparedMessage)"/>
    public BroadcastResult Broadcast(PreparedMessage message) => All.Write(message);

    /// <summary>Encodes the message once and queues it for every client. The payload is copied before the call returns.</summary>
    /// <inheritdoc cref="Audience.Write(PreparedMessage)"/>
    public BroadcastResult Broadcast(Message message) => All.Write(message);

    internal Audience ClientsOf(IEnumerable<string> ids) => new(new AudienceSource(Registry, ids), Calls, Time, Metrics);

    private Audience AudienceOf(ClientView view) => new(new AudienceSource(view), Calls, Time, Metrics);
}

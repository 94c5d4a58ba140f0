namespace WsPumps.Dashboard;

/// <summary>One connection at the moment of a table.</summary>
/// <param name="Client">What its client says.</param>
/// <param name="Handshake">How it began; null where no endpoint has opened it.</param>
/// <param name="State">One of <see cref="ConnectionState"/>.</param>
/// <param name="UnansweredFor">How long it has owed the answer to a ping; null where it owes none.</param>
internal sealed record ConnectionSeen(ClientSnapshot Client, Handshake? Handshake, string State, TimeSpan? UnansweredFor)
{
    public bool IsIn(string group) => Client.Groups.Contains(group);

    public bool Matches(Query query) =>
        (query.Endpoint is not { Length: > 0 } endpoint || Handshake?.Endpoint == endpoint)
        && (query.User is not { Length: > 0 } user || Has(Client.UserId, user))
        && (query.Group is not { Length: > 0 } group || HasGroup(group))
        && (query.Address is not { Length: > 0 } address
            || Handshake?.Address.StartsWith(address, StringComparison.OrdinalIgnoreCase) is true)
        && (query.State is not { Length: > 0 } state || State == state)
        && (query.Search is not { Length: > 0 } search || HasAnywhere(search));

    private bool HasAnywhere(string search) =>
        Has(Client.Id, search) || Has(Client.UserId, search) || Has(Handshake?.Address, search) || HasGroup(search);

    private bool HasGroup(string part)
    {
        foreach (var group in Client.Groups)
        {
            if (Has(group, part))
                return true;
        }

        return false;
    }

    private static bool Has(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) is true;
}

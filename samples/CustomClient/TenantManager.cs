using System.Diagnostics.CodeAnalysis;
using WsPumps;

namespace CustomClient;

/// <summary>A manager that puts each client where it belongs, and is there for all of them when the server stops.</summary>
internal sealed class TenantManager(IEnumerable<Tenant> tenants) : IManager, IDisposable
{
    private readonly Dictionary<string, Tenant> _tenants = tenants.ToDictionary(tenant => tenant.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<Tenant> All => _tenants.Values;

    /// <inheritdoc/>
    public IReadOnlyCollection<IClient> Clients => new AllClients(All);

    public bool TryGet(string name, [NotNullWhen(true)] out Tenant? tenant) => _tenants.TryGetValue(name, out tenant);

    /// <inheritdoc/>
    public void Register(IClient client) => ((TenantClient)client).Tenant.Everybody.Manager.Register(client);

    /// <inheritdoc/>
    public void Unregister(IClient client) => ((TenantClient)client).Tenant.Everybody.Manager.Unregister(client);

    /// <summary>Runs from the start of the host to its stop; then all tenants are drained at once, each by its own manager.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(All.Select(tenant => tenant.Everybody.Manager.RunAsync(cancellationToken)));

    public void Dispose()
    {
        foreach (var tenant in All)
            tenant.Dispose();
    }

    /// <summary>A live view over the live views of the tenants.</summary>
    private sealed class AllClients(IReadOnlyCollection<Tenant> tenants) : IReadOnlyCollection<IClient>
    {
        public int Count => tenants.Sum(tenant => tenant.Everybody.Manager.Clients.Count);

        public IEnumerator<IClient> GetEnumerator() => tenants.SelectMany(tenant => tenant.Everybody.Manager.Clients).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

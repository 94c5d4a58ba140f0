using WsPumps.Nats.Tests;

namespace WsPumps.Tests.Clustering;

/// <summary>A test of the contract, skipped by name where there is no NATS.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BackplaneFactAttribute : FactAttribute
{
    public BackplaneFactAttribute() => Skip = NatsServer.Missing;
}

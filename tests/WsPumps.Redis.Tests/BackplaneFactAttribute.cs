using WsPumps.Redis.Tests;

namespace WsPumps.Tests.Clustering;

/// <summary>A test of the contract, skipped by name where there is no Redis.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BackplaneFactAttribute : FactAttribute
{
    public BackplaneFactAttribute() => Skip = RedisServer.Missing;
}

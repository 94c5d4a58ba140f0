namespace WsPumps.Samples.Tests;

/// <summary>A test that needs Redis and a browser, skipped by name where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip = new RedisFactAttribute().Skip ?? new ChromiumFactAttribute().Skip;
}

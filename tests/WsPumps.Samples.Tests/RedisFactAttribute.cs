namespace WsPumps.Samples.Tests;

/// <summary>A test that needs Redis, skipped by name where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = ServerProcess.Find("redis-server") is null ? "redis-server is not installed." : null;
}

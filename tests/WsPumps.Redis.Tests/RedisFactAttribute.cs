namespace WsPumps.Redis.Tests;

/// <summary>A test that needs Redis, skipped by name where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = RedisServer.Missing;
}

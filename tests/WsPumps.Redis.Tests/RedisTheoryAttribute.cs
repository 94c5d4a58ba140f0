namespace WsPumps.Redis.Tests;

/// <summary>A test with data that needs Redis, skipped by name where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() => Skip = RedisServer.Missing;
}

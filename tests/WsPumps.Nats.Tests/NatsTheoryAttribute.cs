namespace WsPumps.Nats.Tests;

/// <summary>A test with data that needs NATS, skipped by name where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NatsTheoryAttribute : TheoryAttribute
{
    public NatsTheoryAttribute() => Skip = NatsServer.Missing;
}

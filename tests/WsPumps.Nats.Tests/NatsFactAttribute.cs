namespace WsPumps.Nats.Tests;

/// <summary>A test that needs NATS, skipped by name where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NatsFactAttribute : FactAttribute
{
    public NatsFactAttribute() => Skip = NatsServer.Missing;
}

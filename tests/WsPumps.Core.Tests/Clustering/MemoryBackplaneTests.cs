namespace WsPumps.Tests.Clustering;

public sealed class MemoryBackplaneTests : BackplaneContractTests
{
    private readonly MemoryBackplaneNetwork _network = new();

    protected override IBackplane NewEngine() => _network.Connect();

    protected override IBackplane NewEngineWithoutServer() => new MemoryBackplane(_network, TimeProvider.System) { StartsConnected = false };
}

namespace WsPumps.Tests.Clustering;

public sealed class TestBackplaneTests : BackplaneContractTests
{
    private readonly TestBackplaneNetwork _network = new();

    protected override IBackplane NewEngine() => _network.Add();

    protected override IBackplane NewEngineWithoutServer() => _network.Add(connected: false);
}

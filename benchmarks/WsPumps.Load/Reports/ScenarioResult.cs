using WsPumps.Load.Running;
using WsPumps.Load.Scenarios;

namespace WsPumps.Load.Reports;

/// <summary>What came out of one scenario, in the order of the servers.</summary>
internal sealed record ScenarioResult(Scenario Scenario, IReadOnlyList<ServerResult> Servers);

/// <summary>What came out of it for one server.</summary>
internal sealed record ServerResult(string Name, IReadOnlyList<Sample> Runs)
{
    /// <summary>Above this the load side may be what limits, as a share of its core.</summary>
    private const double LoadLimit = 90;

    public Sample Median { get; } = Sample.MedianOf(Runs);

    public bool IsLoadTheLimit => Median.Values.GetValueOrDefault(Figure.LoadShare) > LoadLimit;
}

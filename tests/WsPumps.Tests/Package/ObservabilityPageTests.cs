using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Hosting;
using WsPumps.Testing;

namespace WsPumps.Tests.Package;

public sealed class ObservabilityPageTests
{
    private static readonly List<string[]> Rows = [.. MarkdownTable.Rows("docs", "observability.md")];

    [Fact]
    public async Task MetricsTable_Instruments_AreAllThereWithKindAndUnit()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        using var metrics = host.Measure();

        var documented = Rows.Where(row => row.Length == 5 && row[0].StartsWith("wspumps.", StringComparison.Ordinal)).Select(row => $"{row[0]} | {row[1]} | {row[2]}");

        documented.Should().BeEquivalentTo(metrics.Instruments.Select(instrument => $"{instrument.Name} | {Kind(instrument)} | {instrument.Unit}"));
    }

    [Fact]
    public async Task ClusterPage_Instruments_AreAllThereWithKindAndUnit()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, builder => builder.Services.AddWebSocketPumps().AddBackplane(_ => new TestBackplaneNetwork().Add()));
        using var metrics = host.Measure();

        var documented = MarkdownTable.Rows("docs", "cluster.md").Where(row => row.Length == 4 && row[0].StartsWith("wspumps.", StringComparison.Ordinal))
            .Select(row => $"{row[0]} | {row[1]} | {row[2]}");

        documented.Should().BeEquivalentTo(metrics.Instruments.Where(instrument => instrument.Name.StartsWith("wspumps.cluster.", StringComparison.Ordinal))
            .Select(instrument => $"{instrument.Name} | {Kind(instrument)} | {instrument.Unit}"));
    }

    [Fact]
    public void TagsTable_Values_AreThoseOfTheCode()
    {
        ValuesOf("wspumps.drop.reason").Should().ContainAll(Names<DropReason>().Where(name => name != "unknown").Select(name => $"{name}"));
        ValuesOf("wspumps.refusal.reason").Split(", ").Should().BeEquivalentTo(Names<RefusalReason>());
    }

    [Fact]
    public void TagsTable_EveryTagOfTheMetricsTable_IsExplained() =>
        Rows.Where(row => row.Length == 5).SelectMany(row => row[3].Split(", ")).Where(tag => tag.Contains('.', StringComparison.Ordinal) && tag != "error.type").Distinct()
            .Should().BeEquivalentTo(Rows.Where(row => row.Length == 2 && row[0].Contains('.', StringComparison.Ordinal)).Select(row => row[0]));

    private static string ValuesOf(string tag) => Rows.Single(row => row.Length == 2 && row[0] == tag)[1];

    private static IEnumerable<string> Names<T>()
        where T : struct, Enum => Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName);

    private static string Kind(Instrument instrument) => instrument.GetType().Name switch
    {
        "ObservableUpDownCounter`1" => "up-down counter",
        "ObservableCounter`1" or "Counter`1" => "counter",
        "Histogram`1" => "histogram",
        var other => other,
    };
}

using System.Text.Json;

namespace WsPumps.Benchmarks.Tests;

/// <summary>The benchmarks still run. They say nothing about speed here.</summary>
public sealed class SmokeTests
{
    [Fact]
    public async Task Benchmarks_EachOnce_Run()
    {
        var (exitCode, output) = await BenchmarkProgram.RunAsync("WsPumps.Benchmarks", "--smoke");

        exitCode.Should().Be(0, output);
        output.Should().Contain("All benchmarks ran.");
    }

    [Theory]
    [InlineData("echo-1", 8)]
    [InlineData("fanout-4", 7)]
    public async Task Load_EachServer_DeliversEverything(string scenario, int servers)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var (exitCode, output) = await BenchmarkProgram.RunAsync("WsPumps.Load", "compare", "--smoke", "--unpinned", "--scenarios", scenario, "--out", folder.FullName);

            exitCode.Should().Be(0, output);
            using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "load.json")));
            var results = report.RootElement.GetProperty("scenarios")[0].GetProperty("servers").EnumerateArray().ToList();
            results.Should().HaveCount(servers);
            foreach (var server in results)
            {
                server.GetProperty("fault").GetString().Should().BeNull(server.GetProperty("name").GetString());
                server.GetProperty("median").GetProperty("perSecond").GetDouble().Should().BePositive();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Load_UnknownTransport_SaysWhichThereAre()
    {
        var (exitCode, output) = await BenchmarkProgram.RunAsync("WsPumps.Load", "serve", "--transport", "quic");

        exitCode.Should().Be(1);
        output.Should().Contain("direct, stream, websocket");
    }
}

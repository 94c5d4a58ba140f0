using System.Runtime.InteropServices;
using System.Text.Json;
using WsPumps.Load.Platform;
using WsPumps.Load.Running;

namespace WsPumps.Load.Reports;

/// <summary>Everything: the medians, and the runs they were made from.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Of(IEnumerable<ScenarioResult> results) => JsonSerializer.Serialize(
        new
        {
            runtime = RuntimeInformation.FrameworkDescription,
            system = RuntimeInformation.OSDescription,
            architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            coresOfServer = Cores.OfServer,
            pinned = Cores.ArePinned,
            scenarios = results.Select(result => new
            {
                name = result.Scenario.Name,
                about = result.Scenario.About,
                servers = result.Servers.Select(server => new
                {
                    name = server.Name,
                    fault = server.Median.Fault,
                    loadIsTheLimit = server.IsLoadTheLimit,
                    median = ByKey(server.Median),
                    runs = server.Runs.Select(ByKey),
                }),
            }),
        },
        Indented);

    private static Dictionary<string, double> ByKey(Sample sample) => sample.Values.ToDictionary(value => value.Key.Key, value => Math.Round(value.Value, 3));
}

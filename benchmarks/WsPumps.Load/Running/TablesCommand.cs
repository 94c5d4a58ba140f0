using WsPumps.Load.Platform;
using WsPumps.Load.Reports;
using WsPumps.Load.Scenarios;
using WsPumps.Load.Servers;

namespace WsPumps.Load.Running;

/// <summary>Everything that docs/performance.md shows, in one run: each part as a table, and the targets with what was reached.</summary>
internal sealed class TablesCommand
{
    private const string Ours = "wspumps";
    private const string OverStream = "wspumps-stream";
    private const string ByHand = "handwritten";
    private const string SignalR = "signalr";

    private static readonly RunLengths Lengths = RunLengths.Full with
    {
        WarmUp = TimeSpan.FromSeconds(4),
        MaxSettling = 4,
        Measured = TimeSpan.FromSeconds(1.5),
        Idle = TimeSpan.FromSeconds(1),
    };

    private readonly Dictionary<string, ScenarioResult> _results = [];
    private readonly IReadOnlyList<Contender> _peers;
    private readonly string _floor;
    private readonly string _folder;
    private readonly int _runs;
    private readonly int _otherRuns;
    private readonly bool _onlyCore;

    public TablesCommand(Arguments arguments)
    {
        _runs = arguments.TakeNumber("--runs") ?? 5;
        _otherRuns = arguments.TakeNumber("--other-runs") ?? 3;
        _onlyCore = arguments.TakeFlag("--core");
        _folder = arguments.Take("--out") ?? Path.Combine("artifacts", "load");
        _peers = [.. arguments.TakeAll("--peer").Select(command => new Contender(command))];
        // The one in C where it is given, as the first of the peers.
        _floor = _peers.Count > 0 ? _peers[0].Name : "floor";
        arguments.ThrowIfAnyLeft();
        OpenFiles.ThrowIfFewerThan(connections: 10_000);
    }

    public void Run() => LoadThread.Run(() =>
    {
        Directory.CreateDirectory(_folder);
        MeasureCore();
        if (!_onlyCore)
            MeasureOthers();
        Write("targets.md", TargetReport.Of(TargetList.Create(Ours, OverStream, ByHand, _floor), Look));
    });

    private void MeasureCore()
    {
        Contender[] all = [.. Named(Ours, ByHand, SignalR), .. Floors(), .. _peers.Skip(1)];
        Measure("fanout", LoadMode.Default, _runs, all);
        Measure("echo", LoadMode.Default, _runs, all);
    }

    private void MeasureOthers()
    {
        Measure("idle", LoadMode.Default, _otherRuns, Named(Ours, ByHand));
        Measure("fanout-16", LoadMode.Default with { IsCold = true }, _otherRuns, Named(Ours), TargetList.Cold);
        Measure("connects", LoadMode.Default, _otherRuns, Named(Ours, ByHand));
        Measure("fanout", LoadMode.Default with { UsesTls = true }, _otherRuns, Named(Ours, ByHand), TargetList.Tls);
        Measure("fanout", LoadMode.Default with { UsesHttp2 = true }, _otherRuns, Named(Ours, ByHand), TargetList.Http2);
        Measure("fanout-10000-clients-16", LoadMode.Default, _otherRuns, [.. Named(Ours), .. Floors()]);
        Measure("fanout-half-load", LoadMode.Default, _otherRuns, [.. Named(Ours), .. Floors()]);
        Measure("broadcast-compressed", LoadMode.Default, _otherRuns, Named(Ours));
        Measure("fanout", LoadMode.Default, _otherRuns, Named(OverStream), TargetList.Stream);
        Measure("echo", LoadMode.Default with { Sleeps = true }, _otherRuns, Named(Ours, ByHand), TargetList.Sleeping);
    }

    private void Measure(string scenario, LoadMode mode, int runs, IEnumerable<Contender> contenders, string? name = null)
    {
        var found = ScenarioList.Create(idleConnections: 10_000).Single(candidate => candidate.Name == scenario);
        var result = new Comparison(mode, Lengths, runs).Run(found, contenders);
        _results[name ?? scenario] = result;
        Write($"{name ?? scenario}.md", (name is null ? "" : $"\n{name}\n") + TableReport.Of(result));
        // Each time, so that what was measured outlives a run that is broken off.
        File.WriteAllText(Path.Combine(_folder, "load.json"), JsonReport.Of(_results.Values));
    }

    private double? Look(string part, string server, Figure figure) =>
        _results.GetValueOrDefault(part)?.Servers.FirstOrDefault(result => result.Name == server) is { Median: { Fault: null } median }
        && median.Values.TryGetValue(figure, out var value) ? value : null;

    private void Write(string file, string table)
    {
        Console.WriteLine(table);
        File.WriteAllText(Path.Combine(_folder, file), table);
    }

    private IEnumerable<Contender> Floors() => _peers.Count > 0 ? _peers.Take(1) : Named("floor");

    private static IEnumerable<Contender> Named(params string[] names) => names.Select(name => new Contender(LoadServer.Find(name)));
}

using WsPumps.Load.Platform;
using WsPumps.Load.Reports;
using WsPumps.Load.Scenarios;
using WsPumps.Load.Servers;

namespace WsPumps.Load.Running;

/// <summary>Every scenario against every server, in turn, and the reports of it.</summary>
internal sealed class CompareCommand
{
    private const int IdleConnections = 10_000;
    private const int QuickIdleConnections = 1_000;
    private const int Runs = 3;

    private readonly Comparison _comparison;
    private readonly string _folder;
    private readonly IReadOnlyList<Scenario> _scenarios;
    private readonly IReadOnlyList<Contender> _contenders;

    public CompareCommand(Arguments arguments)
    {
        var (isSmoke, isQuick) = (arguments.TakeFlag("--smoke"), arguments.TakeFlag("--quick"));
        var isShort = isSmoke || isQuick;
        if (arguments.TakeFlag("--unpinned"))
            Cores.Unpin();
        var lengths = isSmoke ? RunLengths.Smoke : isQuick ? RunLengths.Quick : RunLengths.Full;
        if (arguments.TakeNumber("--settle") is { } seconds)
            lengths = lengths with { WarmUp = TimeSpan.FromSeconds(seconds) };
        _comparison = new Comparison(LoadMode.Of(arguments), lengths, arguments.TakeNumber("--runs") ?? (isShort ? 1 : Runs));
        _folder = arguments.Take("--out") ?? Path.Combine("artifacts", "load");
        var idle = arguments.TakeNumber("--connections") ?? (isShort ? QuickIdleConnections : IdleConnections);
        _scenarios = Chosen(ScenarioList.Create(idle), scenario => scenario.Name, arguments.TakeList("--scenarios"), "scenario");
        var servers = Chosen([.. LoadServer.All.Where(server => server.IsCompared)], server => server.Name, arguments.TakeList("--servers"), "server");
        _contenders = [.. servers.Select(server => new Contender(server)), .. arguments.TakeAll("--peer").Select(command => new Contender(command))];
        arguments.ThrowIfAnyLeft();
        OpenFiles.ThrowIfFewerThan(_scenarios.Max(scenario => scenario.Connections));
    }

    public void Run() => LoadThread.Run(Compare);

    private void Compare()
    {
        Directory.CreateDirectory(_folder);
        var results = new List<ScenarioResult>();
        foreach (var scenario in _scenarios)
        {
            var result = _comparison.Run(scenario, _contenders);
            results.Add(result);
            Console.WriteLine(TableReport.Of(result));
            // Each time, so that what was measured outlives a comparison that is broken off.
            File.WriteAllText(Path.Combine(_folder, "load.json"), JsonReport.Of(results));
            File.WriteAllText(Path.Combine(_folder, "load.svg"), SvgReport.Of(results));
        }

        Console.WriteLine($"Written: {Path.Combine(_folder, "load.json")} and load.svg");
    }

    private static IReadOnlyList<T> Chosen<T>(IReadOnlyList<T> all, Func<T, string> nameOf, IReadOnlyList<string> names, string kind)
    {
        foreach (var name in names)
        {
            if (!all.Any(item => nameOf(item) == name))
                throw new LoadException($"There is no {kind} '{name}'. There are: {string.Join(", ", all.Select(nameOf))}.");
        }

        return names.Count == 0 ? all : [.. all.Where(item => names.Contains(nameOf(item)))];
    }
}

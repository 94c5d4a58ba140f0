using System.Runtime.ExceptionServices;
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

    private readonly RunLengths _lengths;
    private readonly int _runs;
    private readonly string _folder;
    private readonly IReadOnlyList<Scenario> _scenarios;
    private readonly IReadOnlyList<Contender> _contenders;

    public CompareCommand(Arguments arguments)
    {
        var (isSmoke, isQuick) = (arguments.TakeFlag("--smoke"), arguments.TakeFlag("--quick"));
        _lengths = isSmoke ? RunLengths.Smoke : isQuick ? RunLengths.Quick : RunLengths.Full;
        var isShort = isSmoke || isQuick;
        if (arguments.TakeFlag("--unpinned"))
            Cores.Unpin();
        _runs = arguments.TakeNumber("--runs") ?? (isShort ? 1 : Runs);
        _folder = arguments.Take("--out") ?? Path.Combine("artifacts", "load");
        var idle = arguments.TakeNumber("--connections") ?? (isShort ? QuickIdleConnections : IdleConnections);
        _scenarios = Chosen(ScenarioList.Create(idle), scenario => scenario.Name, arguments.TakeList("--scenarios"), "scenario");
        var servers = Chosen(LoadServer.All, server => server.Name, arguments.TakeList("--servers"), "server");
        _contenders = [.. servers.Select(server => new Contender(server)), .. arguments.TakeAll("--peer").Select(command => new Contender(command))];
        arguments.ThrowIfAnyLeft();
        OpenFiles.ThrowIfFewerThan(_scenarios.Max(scenario => scenario.Connections));
    }

    /// <summary>Runs on a thread of its own, which is the one that drives the load.</summary>
    public void Run()
    {
        Exception? failure = null;
        var load = new Thread(() =>
        {
            try
            {
                Cores.UseThoseOfLoad();
                Compare();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        load.Start();
        load.Join();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    private void Compare()
    {
        Directory.CreateDirectory(_folder);
        var results = new List<ScenarioResult>();
        foreach (var scenario in _scenarios)
        {
            var result = RunInTurn(scenario);
            results.Add(result);
            Console.WriteLine(TableReport.Of(result));
            // Each time, so that what was measured outlives a comparison that is broken off.
            File.WriteAllText(Path.Combine(_folder, "load.json"), JsonReport.Of(results));
            File.WriteAllText(Path.Combine(_folder, "load.svg"), SvgReport.Of(results));
        }

        Console.WriteLine($"Written: {Path.Combine(_folder, "load.json")} and load.svg");
    }

    /// <summary>A, B, C, A, B, C: what changes on the machine meanwhile meets all of them.</summary>
    private ScenarioResult RunInTurn(Scenario scenario)
    {
        var rows = _contenders.Where(contender => contender.Broadcasts || !scenario.NeedsBroadcast)
            .Select(contender => (Contender: contender, Samples: new List<Sample>())).ToList();
        for (var run = 1; run <= _runs; run++)
        {
            foreach (var (contender, samples) in rows)
            {
                Console.Error.WriteLine($"{scenario.Name}, run {run} of {_runs}: {contender.Name}");
                samples.Add(RunOnce(scenario, contender));
            }
        }

        return new ScenarioResult(scenario, [.. rows.Select(row => new ServerResult(row.Contender.Name, row.Samples))]);
    }

    private Sample RunOnce(Scenario scenario, Contender contender)
    {
        using var server = contender.Start();
        using var stage = new Stage(contender, server, _lengths);
        try
        {
            return scenario.Run(stage);
        }
        catch (LoadException exception)
        {
            return Sample.Failed(exception.Message);
        }
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

using WsPumps.Load.Reports;
using WsPumps.Load.Scenarios;

namespace WsPumps.Load.Running;

/// <summary>Runs a scenario against several servers, in turn, each time with a server that was just started.</summary>
internal sealed class Comparison(LoadMode mode, RunLengths lengths, int runs)
{
    /// <summary>A, B, C, A, B, C: what changes on the machine meanwhile meets all of them.</summary>
    public ScenarioResult Run(Scenario scenario, IEnumerable<Contender> contenders)
    {
        var modeOfScenario = mode with
        {
            Compresses = mode.Compresses || scenario.NeedsCompression,
            PingsRarely = mode.PingsRarely || scenario.CountsPings,
        };
        var rows = contenders
            .Where(contender => (contender.Broadcasts || !scenario.NeedsBroadcast) && (modeOfScenario.IsPlain || !contender.IsPlain))
            .Select(contender => (Contender: contender, Samples: new List<Sample>())).ToList();
        for (var run = 1; run <= runs; run++)
        {
            foreach (var (contender, samples) in rows)
            {
                Console.Error.WriteLine($"{scenario.Name}, run {run} of {runs}: {contender.Name}");
                samples.Add(RunOnce(scenario, contender, modeOfScenario));
            }
        }

        return new ScenarioResult(scenario, [.. rows.Select(row => new ServerResult(row.Contender.Name, row.Samples))]);
    }

    private Sample RunOnce(Scenario scenario, Contender contender, LoadMode modeOfScenario)
    {
        using var server = contender.Start(modeOfScenario);
        using var stage = new Stage(contender, server, scenario.NeedsCompression ? mode : modeOfScenario, lengths);
        try
        {
            return scenario.Run(stage);
        }
        catch (LoadException exception)
        {
            return Sample.Failed(exception.Message);
        }
    }
}

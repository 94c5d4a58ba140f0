using System.Diagnostics;
using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>What a connection costs on which nothing is said.</summary>
internal sealed class Idle(string name, int clients) : Scenario(
    name,
    $"{clients:#,0} clients that say nothing: memory for each, and CPU while they are pinged.")
{
    private const double KiB = 1024;
    private const int PollMilliseconds = 50;

    /// <summary>Connected before the first look at the memory, so that what the first connections set up for all is not counted.</summary>
    private const int First = 200;

    public override bool CountsPings => true;

    public override int Connections => clients;

    public override Sample Run(Stage stage)
    {
        stage.Connect("/echo", First);
        RunFor(stage, stage.Lengths.WarmUp);
        var heapBefore = stage.Server.CollectHeap();
        var residentBefore = stage.Server.Usage.ResidentBytes;

        var more = stage.Connect("/echo", clients - First);
        RunFor(stage, stage.Lengths.WarmUp);
        var heapAfter = stage.Server.CollectHeap();
        var residentAfter = stage.Server.Usage.ResidentBytes;

        // The first round of pings is for the runtime, which compiles for it.
        RunFor(stage, stage.Lengths.Idle);
        var measurement = new Measurement(stage.Server, stage.Loop);
        RunFor(stage, stage.Lengths.Idle);
        var sample = measurement.Finish().With((Figure.ResidentPerConnection, (residentAfter - residentBefore) / KiB / more.Length));
        if (heapAfter - heapBefore is { } heap)
            sample = sample.With((Figure.HeapPerConnection, heap / KiB / more.Length));
        return sample with { Fault = more.Count(connection => connection.IsClosed) is > 0 and var lost ? $"{lost} connections lost" : null };
    }

    private static void RunFor(Stage stage, TimeSpan duration)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < duration;)
            stage.Loop.Poll(PollMilliseconds);
    }
}

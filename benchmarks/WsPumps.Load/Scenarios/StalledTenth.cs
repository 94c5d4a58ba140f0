using System.Diagnostics;
using WsPumps.Load.Client;
using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>Whether clients that read nothing are felt by the others.</summary>
internal sealed class StalledTenth(string name, int clients, int bytes, int perSecond, int longerBy = 4) : Scenario(
    name,
    $"{clients} clients, {perSecond} broadcasts of {bytes} bytes a second; measured without, and then with a tenth of the clients stopping to read. Per delivery to the others.")
{
    /// <summary>Small, so that the stall reaches the server at once and not after megabytes.</summary>
    private const int ReceiveBuffer = 4096;

    private const int PollMilliseconds = 10;

    private static readonly TimeSpan TimeToSee = TimeSpan.FromSeconds(1);

    public override bool NeedsBroadcast => true;

    public override int Connections => clients;

    public override Sample Run(Stage stage)
    {
        var stalled = clients / 10;
        var run = new TrafficRun(stage, new PacedBroadcast(stage.Connect("/broadcast", clients - stalled), stage.Loop.Protocol.CreateMessage(bytes), perSecond));
        run.WarmUp();
        var without = run.Measure();
        if (without.Fault is not null)
            return without;

        var stalledOnes = stage.Connect("/broadcast", stalled, ReceiveBuffer);
        foreach (var connection in stalledOnes)
            connection.Stall();
        // Long enough for the buffers of the kernel to fill, then the server's queue, and for what the server does about it.
        var with = run.Finish(run.Measure(longerBy));
        return with.Values.Count == 0 ? with : with.With(
            (Figure.P99Alone, without.Values[Figure.P99]),
            (Figure.P99Ratio, with.Values[Figure.P99] / without.Values[Figure.P99]),
            (Figure.GivenUp, CountGivenUp(stage, stalledOnes)));
    }

    /// <summary>What still lay in the sockets comes first, and then the end of the connection, if it has ended.</summary>
    private static int CountGivenUp(Stage stage, LoadConnection[] stalled)
    {
        foreach (var connection in stalled)
            connection.Resume();
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < TimeToSee;)
            stage.Loop.Poll(PollMilliseconds);
        return stalled.Count(connection => connection.IsClosed);
    }
}

using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>One client speaks to all of them; open loop.</summary>
internal sealed class FanOutAtRate(string name, int clients, int bytes, int perSecond) : Scenario(
    name,
    $"{clients} clients, one of which broadcasts {bytes} bytes {perSecond} times a second, whatever arrives. Per delivery.")
{
    public override bool NeedsBroadcast => true;

    public override int Connections => clients;

    public override Sample Run(Stage stage)
    {
        var run = new TrafficRun(stage, new PacedBroadcast(stage.Connect("/broadcast", clients), stage.Loop.Protocol.CreateMessage(bytes), perSecond));
        run.WarmUp();
        return run.Finish(run.Measure());
    }
}

using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>One client speaks to all of them; closed loop.</summary>
internal sealed class FanOut(string name, int clients, int bytes, int inFlight) : Scenario(
    name,
    $"{clients} clients, one of which broadcasts {bytes} bytes with {inFlight} in flight: the next leaves when all have received the oldest. Per delivery.")
{
    public override bool NeedsBroadcast => true;

    public override int Connections => clients;

    public override Sample Run(Stage stage) =>
        new TrafficRun(stage, new FanOutTraffic(stage.Connect("/broadcast", clients), stage.Loop.Protocol.CreateMessage(bytes), inFlight)).Run();
}

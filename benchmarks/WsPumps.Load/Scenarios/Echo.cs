using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>Every client speaks to itself; closed loop.</summary>
internal sealed class Echo(string name, int clients, int bytes, int depth) : Scenario(
    name,
    $"{clients} clients send {bytes} bytes and get them back, each with {depth} on the way. Per message.")
{
    public override int Connections => clients;

    public override Sample Run(Stage stage) =>
        new TrafficRun(stage, new EchoTraffic(stage.Connect("/echo", clients), stage.Loop.Protocol.CreateMessage(bytes), depth)).Run();
}

using WsPumps.Load.Protocols;
using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>What it costs to compress: JSON to clients that agreed on it, and then as many plain bytes to clients that did not.</summary>
internal sealed class CompressedBroadcast(string name, int clients, int bytes, int inFlight) : Scenario(
    name,
    $"{clients} clients, one of which broadcasts {bytes} bytes of JSON with {inFlight} in flight, compressed; then plain, with as many bytes on the wire. Per delivery.")
{
    public override bool NeedsBroadcast => true;

    public override bool NeedsCompression => true;

    public override int Connections => clients;

    public override Sample Run(Stage stage)
    {
        var message = CompressedMessage.OfJson(bytes);
        var compressed = Measure(stage, message, compresses: true);
        if (compressed.Fault is not null)
            return compressed;

        var plain = Measure(stage, stage.Loop.Protocol.CreateMessage(message.PayloadLength), compresses: false);
        return plain.Fault is not null ? plain : compressed.With(
            (Figure.CpuPlain, plain.Values[Figure.Cpu]),
            (Figure.CpuRatio, compressed.Values[Figure.Cpu] / plain.Values[Figure.Cpu]));
    }

    private Sample Measure(Stage stage, OutgoingMessage message, bool compresses)
    {
        var connections = stage.Connect("/broadcast", clients, compresses: compresses);
        var run = new TrafficRun(stage, new FanOutTraffic(connections, message, inFlight));
        run.WarmUp();
        var sample = run.Finish(run.Measure());
        foreach (var connection in connections)
        {
            connection.Observer = null;
            connection.End();
        }

        return sample;
    }
}

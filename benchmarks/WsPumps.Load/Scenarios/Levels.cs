using WsPumps.Load.Client;
using WsPumps.Load.Protocols;
using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>
/// The same traffic with more and more in flight, against one server that was warmed up once: several scenarios in the time of one.
/// </summary>
internal sealed class Levels(string name, string about, string path, int clients, int bytes, int[] levels,
    Func<LoadConnection[], OutgoingMessage, int, Traffic> create) : Scenario(name, about)
{
    /// <summary>The level that the server is warmed up with: it makes all code hot.</summary>
    private const int WarmUpLevel = 16;

    public override bool NeedsBroadcast => path == "/broadcast";

    public override int Connections => clients;

    /// <summary>From one message in flight up.</summary>
    public static Levels FanOut(string name, int clients, int bytes, params int[] levels) => new(
        name,
        $"{clients} clients, one of which broadcasts {bytes} bytes with {string.Join(", ", levels)} in flight. Per delivery.",
        "/broadcast", clients, bytes, levels, (connections, message, level) => new FanOutTraffic(connections, message, level));

    /// <inheritdoc cref="FanOut"/>
    public static Levels Echo(string name, int clients, int bytes, params int[] levels) => new(
        name,
        $"{clients} clients send {bytes} bytes and get them back, each with {string.Join(", ", levels)} on the way. Per message.",
        "/echo", clients, bytes, levels, (connections, message, level) => new EchoTraffic(connections, message, level));

    public override Sample Run(Stage stage)
    {
        var connections = stage.Connect(path, clients);
        var message = stage.Loop.Protocol.CreateMessage(bytes);
        var warmUp = new TrafficRun(stage, create(connections, message, WarmUpLevel));
        warmUp.WarmUp();
        var sample = warmUp.Finish(new Sample(new Dictionary<Figure, double>()));
        foreach (var level in levels)
        {
            if (sample.Fault is not null)
                return sample;

            var run = new TrafficRun(stage, create(connections, message, level));
            run.Settle();
            var measured = run.Finish(run.Measure());
            sample = measured.Fault is not null ? measured : sample.With(
                (Figure.CpuAt(level), measured.Values[Figure.Cpu]),
                (Figure.UserAt(level), measured.Values[Figure.User]),
                (Figure.LoadShare, Math.Max(measured.Values[Figure.LoadShare], sample.Values.GetValueOrDefault(Figure.LoadShare))));
        }

        return sample;
    }
}

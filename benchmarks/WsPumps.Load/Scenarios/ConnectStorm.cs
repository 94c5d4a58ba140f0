using System.Diagnostics;
using WsPumps.Load.Client;
using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>Clients that come and go.</summary>
internal sealed class ConnectStorm(string name, int atATime) : Scenario(
    name,
    $"{atATime} clients at a time connect, close in order, and connect again. Per connect and close; the latency is that of the opening handshake.")
{
    public override int Connections => atATime;

    public override Sample Run(Stage stage)
    {
        var run = new TrafficRun(stage, new Storm(stage.Loop, atATime));
        run.WarmUp();
        return run.Finish(run.Measure());
    }

    private sealed class Storm(LoadLoop loop, int atATime) : Traffic
    {
        private int _connected;
        private int _refused;

        public override bool IsDrained => _connected == 0;

        public override void Start()
        {
            for (; _connected < atATime; _connected++)
                loop.Connect("/echo", this);
        }

        public override void OnOpened(LoadConnection connection)
        {
            Count(Stopwatch.GetElapsedTime(connection.OpenedAt).TotalMicroseconds);
            connection.SendClose();
        }

        public override void OnClosed(LoadConnection connection)
        {
            if (!connection.WasOpened)
                _refused++;
            loop.Forget(connection);
            if (IsStopping)
                _connected--;
            else
                loop.Connect("/echo", this);
        }

        public override string? Fault() => _refused > 0 ? $"{_refused} connections refused" : base.Fault();
    }
}

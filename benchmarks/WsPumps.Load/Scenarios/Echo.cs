using WsPumps.Load.Client;
using WsPumps.Load.Protocols;
using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>Every client speaks to itself; closed loop.</summary>
internal sealed class Echo(string name, int clients, int bytes, int depth) : Scenario(
    name,
    $"{clients} clients send {bytes} bytes and get them back, each with {depth} on the way. Per message.")
{
    public override int Connections => clients;

    public override Sample Run(Stage stage)
    {
        var run = new TrafficRun(stage, new ClosedLoop(stage.Connect("/echo", clients), stage.Loop.Protocol.CreateMessage(bytes), depth));
        run.WarmUp();
        return run.Finish(run.Measure());
    }

    private sealed class ClosedLoop : Traffic
    {
        private readonly LoadConnection[] _clients;
        private readonly OutgoingMessage _message;
        private readonly int _depth;
        private long _sent;

        public ClosedLoop(LoadConnection[] clients, OutgoingMessage message, int depth)
        {
            (_clients, _message, _depth) = (clients, message, depth);
            foreach (var client in clients)
                client.Observer = this;
        }

        public override bool IsDrained => Delivered == _sent;

        public override void Start()
        {
            foreach (var client in _clients)
            {
                for (var i = 0; i < _depth; i++)
                    Send(client);
            }
        }

        public override void OnMessage(LoadConnection connection, uint stamp)
        {
            base.OnMessage(connection, stamp);
            if (!IsStopping)
                Send(connection);
        }

        private void Send(LoadConnection client)
        {
            client.Send(_message, Stamp.Now);
            _sent++;
        }
    }
}

using WsPumps.Load.Client;
using WsPumps.Load.Protocols;

namespace WsPumps.Load.Scenarios;

/// <summary>Every client speaks to itself: the next message leaves when one has come back (closed loop).</summary>
internal sealed class EchoTraffic : Traffic
{
    private readonly LoadConnection[] _clients;
    private readonly OutgoingMessage _message;
    private readonly int _depth;
    private long _sent;

    public EchoTraffic(LoadConnection[] clients, OutgoingMessage message, int depth)
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

using WsPumps.Load.Client;
using WsPumps.Load.Protocols;

namespace WsPumps.Load.Scenarios;

/// <summary>One client speaks to all of them: the next message leaves when all clients have received the oldest (closed loop).</summary>
internal sealed class FanOutTraffic : Traffic
{
    private readonly LoadConnection[] _clients;
    private readonly OutgoingMessage _message;

    /// <summary>For each message in flight, how many clients have not received it. Each client receives them in order.</summary>
    private readonly int[] _missing;

    private long _sent;
    private long _completed;
    private bool _tooMany;

    public FanOutTraffic(LoadConnection[] clients, OutgoingMessage message, int inFlight)
    {
        (_clients, _message, _missing) = (clients, message, new int[inFlight]);
        // What they have received before, all of them have.
        _sent = _completed = clients[0].Received;
        foreach (var client in clients)
            client.Observer = this;
    }

    public override bool HasStamps => _message.HasStamp;

    public override bool IsDrained => _completed == _sent && _clients.All(client => client.Received == _sent);

    public override void Start()
    {
        for (var i = 0; i < _missing.Length; i++)
            SendNext();
    }

    public override void OnMessage(LoadConnection connection, uint stamp)
    {
        base.OnMessage(connection, stamp);
        var slot = (connection.Received - 1) % _missing.Length;
        _tooMany |= connection.Received > _sent;
        if (--_missing[slot] > 0)
            return;

        _completed++;
        if (!IsStopping)
            SendNext();
    }

    public override string? Fault() => _tooMany ? "messages came twice" : base.Fault() is { } fault
        ? $"{fault}; {_clients.Count(client => client.Received < _sent)} clients have not received the last of {_sent} messages"
        : null;

    private void SendNext()
    {
        _missing[_sent % _missing.Length] = _clients.Length;
        _sent++;
        _clients[0].Send(_message, Stamp.Now);
    }
}

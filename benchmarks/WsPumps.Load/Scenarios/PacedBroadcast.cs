using System.Diagnostics;
using WsPumps.Load.Client;
using WsPumps.Load.Protocols;

namespace WsPumps.Load.Scenarios;

/// <summary>
/// One client broadcasts at a fixed rate, whatever arrives (open loop). The stamp is the moment when the message was due, so
/// that a stall is seen by all the messages it delays.
/// </summary>
internal sealed class PacedBroadcast : Traffic
{
    private readonly LoadConnection[] _clients;
    private readonly OutgoingMessage _message;
    private readonly long _interval;
    private long _nextAt;
    private long _sent;

    public PacedBroadcast(LoadConnection[] clients, OutgoingMessage message, int perSecond)
    {
        (_clients, _message, _interval) = (clients, message, Stopwatch.Frequency / perSecond);
        foreach (var client in clients)
            client.Observer = this;
    }

    public override bool IsDrained => _clients.All(client => client.Received == _sent);

    public override void Start() => _nextAt = Stopwatch.GetTimestamp();

    public override int SendDue()
    {
        for (; !IsStopping && Stopwatch.GetTimestamp() >= _nextAt; _nextAt += _interval)
        {
            _clients[0].Send(_message, Stamp.Of(_nextAt));
            _sent++;
        }

        // Rounded down: the last part of a millisecond is spent polling.
        return (int)(Math.Max(0, _nextAt - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency);
    }
}

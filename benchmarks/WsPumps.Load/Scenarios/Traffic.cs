using WsPumps.Load.Client;
using WsPumps.Load.Protocols;

namespace WsPumps.Load.Scenarios;

/// <summary>What is sent when, and whether all of it arrived.</summary>
internal abstract class Traffic : ILoadObserver
{
    private const int NothingDueMilliseconds = 100;

    private int _lost;

    public long Delivered { get; protected set; }

    /// <summary>Whether messages tell when they were sent.</summary>
    public virtual bool HasStamps => true;

    /// <summary>Whether nothing new is to be sent.</summary>
    public bool IsStopping { get; set; }

    /// <summary>Null while nothing is measured.</summary>
    public LatencyHistogram? Latency { get; set; }

    /// <summary>Whether everything that was sent has arrived.</summary>
    public abstract bool IsDrained { get; }

    public abstract void Start();

    /// <summary>Sends what is due.</summary>
    /// <returns>The milliseconds until something is due again.</returns>
    public virtual int SendDue() => NothingDueMilliseconds;

    public virtual string? Fault() => _lost > 0 ? $"{_lost} connections lost" : IsDrained ? null : "messages missing";

    public virtual void OnOpened(LoadConnection connection)
    {
    }

    public virtual void OnMessage(LoadConnection connection, uint stamp) => Count(Latency is null ? 0 : Stamp.MicrosecondsSince(stamp));

    public virtual void OnClosed(LoadConnection connection) => _lost++;

    protected void Count(double microseconds)
    {
        Delivered++;
        Latency?.Add(microseconds);
    }
}

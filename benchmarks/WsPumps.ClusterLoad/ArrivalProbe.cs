using System.Diagnostics;
using System.Globalization;

namespace WsPumps.ClusterLoad;

/// <summary>Notes how old each message is when it arrives at its server, before any client's queue.</summary>
internal sealed class ArrivalProbe : Sink
{
    private readonly Lock _lock = new();
    private List<double> _ages = [];

    /// <summary>The ages since the last call, in milliseconds, sorted.</summary>
    public List<double> Take()
    {
        List<double> taken;
        lock (_lock)
            (taken, _ages) = (_ages, []);
        taken.Sort();
        return taken;
    }

    public override WriteResult Write(PreparedMessage message)
    {
        var text = message.Payload.Span;
        var sentAt = long.Parse(text[1..text.IndexOf((byte)';')], CultureInfo.InvariantCulture);
        lock (_lock)
            _ages.Add(Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
        return WriteResult.Queued;
    }
}

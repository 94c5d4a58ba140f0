namespace WsPumps.Outbound;

/// <summary>Gathers the clients that one thread wakes, for example by a broadcast, so that each lane gets them with one exchange.</summary>
internal sealed class WakeUps
{
    /// <summary>So many are handed over at the latest: the lanes can begin while the broadcast goes on.</summary>
    private const int MaxGathered = 64;

    [ThreadStatic]
    private static WakeUps? _ofThread;

    private Chain[] _chains = [];
    private int _depth;

    /// <summary>From here on wake-ups of this thread are gathered, until the result is disposed. It may be nested.</summary>
    public static Scope Gather()
    {
        var wakeUps = _ofThread ??= new WakeUps();
        wakeUps._depth++;
        return new Scope(wakeUps);
    }

    /// <summary>Adds a client to its lane: at once, or with the others that this thread wakes.</summary>
    public static void Add(Lane lane, LaneClient client)
    {
        if (_ofThread is { _depth: > 0 } wakeUps)
            wakeUps.Put(lane, client);
        else
            lane.Add(client);
    }

    private void Put(Lane lane, LaneClient client)
    {
        if (lane.Index >= _chains.Length)
            Array.Resize(ref _chains, lane.Index + 1);

        ref var chain = ref _chains[lane.Index];
        if (chain.Count == MaxGathered || (chain.Lane is not null && chain.Lane != lane))
            chain.HandOver();

        client.Next = chain.Latest;
        chain = new Chain { Lane = lane, Latest = client, Earliest = chain.Earliest ?? client, Count = chain.Count + 1 };
    }

    private void End()
    {
        if (--_depth > 0)
            return;

        foreach (ref var chain in _chains.AsSpan())
            chain.HandOver();
    }

    private struct Chain
    {
        public Lane? Lane;
        public LaneClient? Latest;
        public LaneClient? Earliest;
        public int Count;

        public void HandOver()
        {
            var chain = this;
            this = default;
            chain.Lane?.Add(chain.Latest!, chain.Earliest!);
        }
    }

    public readonly struct Scope(WakeUps wakeUps) : IDisposable
    {
        public void Dispose() => wakeUps.End();
    }
}

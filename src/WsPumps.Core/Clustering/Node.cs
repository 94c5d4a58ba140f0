namespace WsPumps.Clustering;

/// <summary>Another node. Changed under the lock of <see cref="NodeTable"/>.</summary>
internal sealed class Node(ulong instance, string name)
{
    private const int OffsetWindow = 20;

    private TimeSpan _offset = TimeSpan.MaxValue;
    private TimeSpan _offsetBefore = TimeSpan.MaxValue;
    private int _offsetSamples;

    public ulong Instance { get; } = instance;

    public ClusterNode Public { get; set; } = new() { Id = NodeIdentity.IdOf(name, instance), Name = name };

    public long SeenAt { get; set; }

    public bool IsAlive { get; set; }

    /// <summary>
    /// How far the clock of this server is ahead of the other's, the shortest way of a heartbeat included: from the least of the last
    /// heartbeats, so that one that was held up does not count.
    /// </summary>
    public TimeSpan ClockOffset
    {
        get
        {
            var offset = _offset < _offsetBefore ? _offset : _offsetBefore;
            return offset == TimeSpan.MaxValue ? TimeSpan.Zero : offset;
        }
    }

    public void AddOffset(TimeSpan sample)
    {
        if (_offsetSamples++ >= OffsetWindow)
            (_offsetBefore, _offset, _offsetSamples) = (_offset, TimeSpan.MaxValue, 1);
        _offset = sample < _offset ? sample : _offset;
    }
}

namespace WsPumps.Tests.Sessions;

/// <summary>An engine that can be slow on some channels, while what comes on the others overtakes it: each has a queue of its own.</summary>
internal sealed class HoldingBackplane(IBackplane inner) : IBackplane, IBackplaneReceiver
{
    private readonly Lock _lock = new();
    private readonly Queue<(string Channel, byte[] Data)> _held = new();
    private byte[]? _own;
    private Func<string, bool> _holds = static _ => false;
    private IBackplaneReceiver? _receiver;

    public string Name => inner.Name;

    public BackplaneStatus Status => inner.Status;

    /// <summary>Whether the numbers that this server tells the others get lost: they may come at any time.</summary>
    public bool LosesMarkers { get; set; }

    public int Held
    {
        get
        {
            lock (_lock)
                return _held.Count;
        }
    }

    /// <summary>Whether something is held that this server has published itself.</summary>
    public bool HoldsOwn
    {
        get
        {
            lock (_lock)
                return _held.Any(held => Origin(held.Data).SequenceEqual(_own));
        }
    }

    public void Hold(Func<string, bool> channels)
    {
        lock (_lock)
            _holds = channels;
    }

    public void Release()
    {
        lock (_lock)
        {
            _holds = static _ => false;
            while (_held.TryDequeue(out var held))
                _receiver!.Receive(held.Channel, held.Data);
        }
    }

    public ValueTask StartAsync(IBackplaneReceiver receiver, CancellationToken cancellationToken)
    {
        _receiver = receiver;
        return inner.StartAsync(this, cancellationToken);
    }

    public bool TryPublish(string channel, ReadOnlyMemory<byte> data)
    {
        _own ??= Origin(data.Span).ToArray();
        return (LosesMarkers && data.Span[3] == PumpsCluster.Marker) || inner.TryPublish(channel, data);
    }

    public void SetInterest(string channel, bool interested) => inner.SetInterest(channel, interested);

    public void Receive(string channel, ReadOnlyMemory<byte> data)
    {
        lock (_lock)
        {
            if (_holds(channel))
                _held.Enqueue((channel, data.ToArray()));
            else
                _receiver!.Receive(channel, data);
        }
    }

    public void StatusChanged(BackplaneStatus status) => _receiver!.StatusChanged(status);

    public void Writable() => _receiver!.Writable();

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static ReadOnlySpan<byte> Origin(ReadOnlySpan<byte> data) => data.Slice(8, 8);
}

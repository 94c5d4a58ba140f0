namespace WsPumps.Outbound;

/// <summary>
/// Runs the write pumps of its clients, one turn after the other. It is one work item on the thread pool, which never runs beside itself:
/// all that its run touches needs no lock. Clients that have something to write are added from any thread.
/// </summary>
/// <remarks>
/// One field holds its state: <see cref="Resting"/>, running (null), or running with news (those that were added since the run looked). Who
/// adds the first client to a lane that rests puts it on the thread pool, and it rests only when there was no news in the same instant.
/// </remarks>
internal sealed class Lane(int index) : IThreadPoolWorkItem
{
    /// <summary>After so many turns the thread is given back, to whoever else waits for one.</summary>
    private const int MaxTurns = 128;

    private static readonly LaneClient Resting = new Nobody();

    private readonly BatchBuilder _batches = new();
    private LaneClient? _added = Resting;
    private LaneClient? _first;
    private LaneClient? _last;

    public int Index => index;

    public void Add(LaneClient client) => Add(client, client);

    /// <summary>Adds a chain of clients, the latest first: as many as one broadcast has woken, with one exchange.</summary>
    public void Add(LaneClient latest, LaneClient earliest)
    {
        if (TryAdd(latest, earliest))
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <returns>Whether the lane rested: the caller has it run.</returns>
    internal bool TryAdd(LaneClient latest, LaneClient earliest)
    {
        while (true)
        {
            var added = Volatile.Read(ref _added);
            earliest.Next = added == Resting ? null : added;
            if (Interlocked.CompareExchange(ref _added, latest, added) == added)
                return added == Resting;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (var turns = 0; turns < MaxTurns; turns++)
        {
            if (!Step())
                return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>One turn of one client. Between two steps nothing is half done.</summary>
    /// <returns>False when there was nobody, and the lane rests.</returns>
    internal bool Step()
    {
        if (Volatile.Read(ref _added) is not null)
            TakeAdded();

        if (_first is not { } client)
        {
            _batches.Clear();
            return Interlocked.CompareExchange(ref _added, Resting, null) is not null;
        }

        _first = client.Next;
        if (_first is null)
            _last = null;
        client.Next = null;
        if (client.TakeTurn(_batches))
            Append(client, client);
        return true;
    }

    /// <summary>Takes over who was added, in their order: the chain has the latest first.</summary>
    private void TakeAdded()
    {
        var latest = Interlocked.Exchange(ref _added, null);
        LaneClient? first = null;
        for (var client = latest; client is not null;)
        {
            var next = client.Next;
            client.Next = first;
            (first, client) = (client, next);
        }

        Append(first!, latest!);
    }

    private void Append(LaneClient first, LaneClient last)
    {
        if (_last is null)
            _first = first;
        else
            _last.Next = first;
        _last = last;
    }

    private sealed class Nobody : LaneClient
    {
        public override void Wake() => throw new InvalidOperationException();

        public override bool TakeTurn(BatchBuilder batches) => throw new InvalidOperationException();
    }
}

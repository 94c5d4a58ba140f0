using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

/// <summary>Reads a queue as the write pump does, when the test says so, and tells when it is woken.</summary>
internal sealed class TestPump : LaneClient
{
    private readonly OutboundQueue _queue;
    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TestPump(OutboundQueue queue)
    {
        _queue = queue;
        queue.Start(this);
    }

    /// <summary>How its latest turn ended.</summary>
    public TurnEnd End { get; private set; } = TurnEnd.Rests;

    public int WakeUps { get; private set; }

    /// <summary>How often it could have written on the thread that wrote to the queue.</summary>
    public int WakeUpsHere { get; private set; }

    public Task WhenWokenAsync() => Volatile.Read(ref _woken).Task;

    public override void Wake()
    {
        WakeUps++;
        _woken.SetResult();
    }

    public override void WakeHere()
    {
        WakeUpsHere++;
        _woken.SetResult();
    }

    /// <summary>One batch, handed over.</summary>
    public PreparedMessage[] Read(bool sent = true)
    {
        Volatile.Write(ref _woken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var batch = new Batch();
        _queue.Read(batch);
        End = _queue.EndTurn(sent, out var streamed);
        streamed?.Room.Set(true);
        return batch.Messages.ToArray();
    }

    /// <summary>Batches until there is nothing more.</summary>
    public List<PreparedMessage> ReadAll()
    {
        var all = new List<PreparedMessage>();
        while (Read() is { Length: > 0 } batch)
            all.AddRange(batch);
        return all;
    }

    public override bool TakeTurn(BatchBuilder batches)
    {
        Read();
        return End is TurnEnd.GoesOn;
    }
}

using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

/// <summary>
/// Two writers, a thread that closes, a thread on which slow writes end, and the thread pool with one lane that has two clients: the real queues and the real lane,
/// one atomic step at a time. What is written must leave, also where a write takes its time and the close comes at the same moment.
/// </summary>
internal sealed class WorldOfALane : IWorld
{
    private const int Writers = 2;
    private const int Pool = Writers;
    private const int Slow = Writers + 1;
    private const int Closer = Writers + 2;

    private readonly Lane _lane = new(0);
    private readonly ModelPump[] _pumps;
    private readonly Queue<Action>[] _scripts = [new(), new(), new(), new(), new()];
    private readonly List<ModelPump> _slowWrites = [];
    private int _scheduled;

    /// <param name="closes">Whether the first client is closed meanwhile.</param>
    /// <param name="hasSecondClient">Whether one of the writers writes to a second client too.</param>
    public WorldOfALane(bool closes, bool hasSecondClient)
    {
        _pumps = [new ModelPump(this), new ModelPump(this)];
        for (var writer = 0; writer < Writers; writer++)
        {
            var (script, pump) = (_scripts[writer], _pumps[0]);
            script.Enqueue(() => pump.Write(script));
        }

        if (hasSecondClient)
            _scripts[1].Enqueue(() => _pumps[1].Write(_scripts[1]));
        if (closes)
            _scripts[Closer].Enqueue(() => _pumps[0].Close(_scripts[Closer]));
    }

    public IReadOnlyList<int> Ready() =>
        [.. Enumerable.Range(0, _scripts.Length).Where(thread => thread switch
        {
            Pool => _scheduled > 0,
            Slow => _slowWrites.Count > 0 || _scripts[Slow].Count > 0,
            _ => _scripts[thread].Count > 0,
        })];

    public void Step(int thread)
    {
        if (thread == Pool)
        {
            if (_scheduled > 1)
                throw new InvalidOperationException("The lane would run beside itself.");
            if (!_lane.Step())
                _scheduled--;
        }
        else if (thread == Slow && _scripts[Slow].Count == 0)
        {
            var pump = _slowWrites[0];
            _slowWrites.RemoveAt(0);
            pump.Wake(_scripts[Slow]);
        }
        else
        {
            _scripts[thread].Dequeue()();
        }
    }

    public void Check()
    {
        foreach (var pump in _pumps)
            pump.Check();
    }

    /// <summary>A client whose first write takes its time.</summary>
    private sealed class ModelPump : LaneClient
    {
        private readonly WorldOfALane _world;
        private readonly OutboundQueue _queue = Queues.Create(16, 1 << 20);
        private Queue<Action>? _running;
        private int _accepted;
        private bool _closed;
        private bool _isWriting;
        private int _turnsTaken;
        private TurnEnd _end;

        public ModelPump(WorldOfALane world)
        {
            _world = world;
            _queue.Start(this);
        }

        /// <summary>One step: into the queue. If that wakes the pump, the next step of the thread adds it to the lane.</summary>
        public void Write(Queue<Action> script)
        {
            _running = script;
            if (_queue.Write(PreparedMessage.Binary([1])) is WriteResult.Queued)
                _accepted++;
        }

        public void Close(Queue<Action> script)
        {
            _running = script;
            _closed = true;
            _queue.Complete(discard: false);
        }

        public override void Wake() => Wake(_running!);

        public void Wake(Queue<Action> script)
        {
            // First of what the thread still has to do.
            var rest = script.ToArray();
            script.Clear();
            script.Enqueue(() => Add(script));
            foreach (var step in rest)
                script.Enqueue(step);
        }

        public override bool TakeTurn(BatchBuilder batches)
        {
            if (_end is TurnEnd.WasLast && _turnsTaken > 0)
                throw new InvalidOperationException("It was woken after its last turn.");

            if (!_isWriting)
            {
                batches.Read(_queue).Release();
                if (_turnsTaken++ == 0)
                {
                    _isWriting = true;
                    _world._slowWrites.Add(this);
                    return false;
                }
            }

            _isWriting = false;
            _end = _queue.EndTurn(sent: true, out _);
            return _end is TurnEnd.GoesOn;
        }

        public void Check()
        {
            var counters = _queue.Counters();
            if (counters.MessagesSent != _accepted || counters.QueuedMessages != 0 || (_closed && _end is not TurnEnd.WasLast))
                throw new InvalidOperationException($"{_accepted} accepted, {counters}, the last turn ended with {_end}.");
        }

        private void Add(Queue<Action> script)
        {
            // Another step: to put the lane on the thread pool, where it rested.
            if (_world._lane.TryAdd(this, this))
            {
                var rest = script.ToArray();
                script.Clear();
                script.Enqueue(() => _world._scheduled++);
                foreach (var step in rest)
                    script.Enqueue(step);
            }
        }
    }
}

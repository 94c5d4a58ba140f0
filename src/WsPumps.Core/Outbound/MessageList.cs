using WsPumps.Framing;

namespace WsPumps.Outbound;

/// <summary>
/// First in, first out, with the bytes that it holds. A few slots of its own serve a client that keeps up, a few more one that has had a
/// burst; what is beyond is held in segments of fixed size, so that no operation takes longer the more there are.
/// </summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct MessageList
{
    private const int FirstOwnSlots = 4;
    private const int MaxOwnSlots = 16;
    private const int SegmentSlots = 64;

    /// <summary>A broadcast to thousands fills as many segments before the first is empty again: 4 MiB where so many are needed.</summary>
    private static readonly ObjectPool<Segment> Segments = new(perProcessor: 4096);

    private Segment? _own;
    private Segment? _first;
    private Segment? _last;
    private int _head;
    private int _tail;
    private bool _outgrew;

    public int Count { get; private set; }

    /// <summary>The payload bytes of all messages.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many messages have left, ever: the number of the first one that is here.</summary>
    public long HeadNumber { get; private set; }

    /// <summary>The number that the next one gets.</summary>
    public readonly long TailNumber => HeadNumber + Count;

    public void Enqueue(in QueuedMessage item)
    {
        if (_last is null)
            Begin();
        else if (_tail == _last.Slots.Length)
            AddSegment();

        _last!.Slots[_tail++] = item;
        Count++;
        Bytes += item.Message.Length;
    }

    public readonly ref readonly QueuedMessage Peek() => ref _first!.Slots[_head];

    public QueuedMessage Dequeue()
    {
        ref var slot = ref _first!.Slots[_head++];
        var item = slot;
        slot = default;
        Bytes -= item.Message.Length;
        HeadNumber++;
        if (--Count == 0)
            Reset();
        else if (_head == _first.Slots.Length)
            RemoveSegment();
        return item;
    }

    /// <summary>Moves all that is here to a list of its own, at once.</summary>
    public MessageList TakeAll()
    {
        var all = this;
        this = new MessageList { HeadNumber = TailNumber };
        return all;
    }

    private void Begin()
    {
        if (_own is null)
            _own = new Segment(FirstOwnSlots);
        else if (_outgrew && _own.Slots.Length < MaxOwnSlots)
            _own = new Segment(MaxOwnSlots);
        (_first, _last, _head, _tail) = (_own, _own, 0, 0);
    }

    private void AddSegment()
    {
        _outgrew = true;
        var segment = Segments.TryTake() ?? new Segment(SegmentSlots);
        _last!.Next = segment;
        (_last, _tail) = (segment, 0);
    }

    private void RemoveSegment()
    {
        var left = _first!;
        (_first, _head) = (left.Next, 0);
        Return(left);
    }

    private void Reset()
    {
        Return(_first!);
        (_first, _last) = (null, null);
    }

    private readonly void Return(Segment segment)
    {
        segment.Next = null;
        if (segment != _own)
            Segments.Return(segment);
    }

    private sealed class Segment(int slots)
    {
        public readonly QueuedMessage[] Slots = new QueuedMessage[slots];
        public Segment? Next;
    }
}

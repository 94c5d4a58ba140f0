using System.Buffers;

namespace WsPumps.Outbound;

/// <summary>
/// First in, first out. Holds nothing until the first message, a few slots of its own from then on, and more from a
/// shared pool only while they are needed: an idle connection keeps tens of bytes.
/// </summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct MessageRing
{
    private const int OwnSlots = 4;

    private PreparedMessage?[]? _own;
    private PreparedMessage?[]? _slots;
    private int _head;

    public int Count { get; private set; }

    public void Enqueue(PreparedMessage message)
    {
        _slots ??= _own ??= new PreparedMessage?[OwnSlots];
        if (Count == _slots.Length)
            Grow();

        _slots[(_head + Count) % _slots.Length] = message;
        Count++;
    }

    public readonly PreparedMessage Peek() => _slots![_head]!;

    public PreparedMessage Dequeue()
    {
        var message = _slots![_head]!;
        _slots[_head] = null;
        _head = (_head + 1) % _slots.Length;
        if (--Count == 0)
            Shrink();

        return message;
    }

    private void Grow()
    {
        var larger = ArrayPool<PreparedMessage?>.Shared.Rent(Count * 2);
        for (var i = 0; i < Count; i++)
            larger[i] = _slots![(_head + i) % _slots.Length];

        Array.Clear(_slots!);
        ReturnRented();
        _slots = larger;
        _head = 0;
    }

    private void Shrink()
    {
        ReturnRented();
        _slots = _own;
        _head = 0;
    }

    private readonly void ReturnRented()
    {
        if (_slots != _own)
            ArrayPool<PreparedMessage?>.Shared.Return(_slots!);
    }
}

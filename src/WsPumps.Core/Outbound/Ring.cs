using System.Buffers;

namespace WsPumps.Outbound;

/// <summary>
/// First in, first out. Holds nothing until the first item, a few slots of its own from then on, and more from a shared
/// pool only while they are needed: an idle connection keeps tens of bytes.
/// </summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner. All sizes are powers of two, so that an index wraps with a mask.</remarks>
internal struct Ring<T>
{
    private const int OwnSlots = 4;

    /// <summary>What does not fit the few slots is a burst; growing by and by would copy it each time.</summary>
    private const int BurstSlots = 64;

    private T[]? _own;
    private T[]? _slots;
    private int _mask;
    private int _head;
    private long _headSequence;

    public int Count { get; private set; }

    /// <summary>The item with the sequence number that <see cref="Enqueue"/> gave it, while it is here.</summary>
    public readonly ref T this[long sequence] => ref _slots![(_head + (int)(sequence - _headSequence)) & _mask];

    /// <returns>The item's sequence number.</returns>
    public long Enqueue(in T item)
    {
        if (_slots is null)
            Use(_own ??= new T[OwnSlots], OwnSlots);
        else if (Count > _mask)
            Grow();

        _slots![(_head + Count) & _mask] = item;
        return _headSequence + Count++;
    }

    public readonly ref readonly T Peek() => ref _slots![_head];

    /// <param name="sequence">The number that the item had.</param>
    public T Dequeue(out long sequence)
    {
        ref var slot = ref _slots![_head];
        var item = slot;
        slot = default!;
        _head = (_head + 1) & _mask;
        sequence = _headSequence++;
        if (--Count == 0 && _slots != _own)
            Shrink();

        return item;
    }

    private void Grow()
    {
        var size = Math.Max(BurstSlots, Count * 2);
        var larger = ArrayPool<T>.Shared.Rent(size);
        for (var i = 0; i < Count; i++)
            larger[i] = _slots![(_head + i) & _mask];

        if (_slots == _own)
            Array.Clear(_own!);
        else
            ArrayPool<T>.Shared.Return(_slots!, clearArray: true);
        Use(larger, size);
    }

    private void Shrink()
    {
        ArrayPool<T>.Shared.Return(_slots!);
        Use(_own!, OwnSlots);
    }

    private void Use(T[] slots, int size) => (_slots, _mask, _head) = (slots, size - 1, 0);
}

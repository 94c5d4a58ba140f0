using System.Buffers;

namespace WsPumps.Outbound;

/// <summary>
/// First in, first out. Holds nothing until the first item, a few slots of its own from then on, and more from a shared
/// pool only while they are needed: an idle connection keeps tens of bytes.
/// </summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct Ring<T>
{
    private const int OwnSlots = 4;

    private T[]? _own;
    private T[]? _slots;
    private int _head;
    private long _headSequence;

    public int Count { get; private set; }

    /// <summary>The item with the sequence number that <see cref="Enqueue"/> gave it, while it is here.</summary>
    public readonly ref T this[long sequence] => ref _slots![Wrap(_head + (int)(sequence - _headSequence))];

    /// <returns>The item's sequence number.</returns>
    public long Enqueue(T item)
    {
        _slots ??= _own ??= new T[OwnSlots];
        if (Count == _slots.Length)
            Grow();

        _slots[Wrap(_head + Count)] = item;
        return _headSequence + Count++;
    }

    public readonly ref readonly T Peek() => ref _slots![_head];

    /// <param name="sequence">The number that the item had.</param>
    public T Dequeue(out long sequence)
    {
        var item = _slots![_head];
        _slots[_head] = default!;
        _head = Wrap(_head + 1);
        sequence = _headSequence++;
        if (--Count == 0)
            Shrink();

        return item;
    }

    /// <summary>For less than twice the length, without the division of a remainder.</summary>
    private readonly int Wrap(int index) => index < _slots!.Length ? index : index - _slots.Length;

    private void Grow()
    {
        var larger = ArrayPool<T>.Shared.Rent(Count * 2);
        for (var i = 0; i < Count; i++)
            larger[i] = _slots![Wrap(_head + i)];

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
            ArrayPool<T>.Shared.Return(_slots!);
    }
}

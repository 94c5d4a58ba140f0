namespace WsPumps.Dashboard;

/// <summary>The last values of a row, and no more than so many. It grows with them. Safe for concurrent use.</summary>
internal sealed class Ring<T>(int capacity)
{
    private readonly Lock _lock = new();
    private T[] _values = [];
    private int _count;
    private int _next;

    public void Add(T value)
    {
        lock (_lock)
        {
            if (_count == _values.Length && _count < capacity)
                Array.Resize(ref _values, Math.Min(capacity, Math.Max(4, 2 * _count)));
            _values[_next] = value;
            _count = Math.Min(_count + 1, _values.Length);
            _next = (_next + 1) % capacity;
        }
    }

    /// <summary>A copy, the oldest first.</summary>
    public T[] ToArray()
    {
        lock (_lock)
            return _count < capacity ? _values[.._count] : [.. _values.AsSpan(_next), .. _values.AsSpan(0, _next)];
    }

    /// <summary>The newest, and default where there is none.</summary>
    public T? Newest
    {
        get
        {
            lock (_lock)
                return _count == 0 ? default : _values[(_next + capacity - 1) % capacity];
        }
    }
}

using System.Numerics;

namespace WsPumps.Framing;

/// <summary>
/// Objects to be used again, kept apart for each processor so that threads seldom meet. Nobody waits: who finds a stack busy, full or empty
/// goes on to the next one, and an object that finds no place is left to the garbage collector.
/// </summary>
internal sealed class ObjectPool<T>(int perProcessor)
    where T : class
{
    private static readonly int Processors = (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);

    private readonly Stack[] _stacks = [.. Enumerable.Range(0, Processors).Select(_ => new Stack())];

    /// <returns>Null when none is at hand.</returns>
    public T? TryTake()
    {
        var processor = Thread.GetCurrentProcessorId();
        for (var i = 0; i < _stacks.Length; i++)
        {
            if (_stacks[(processor + i) & (_stacks.Length - 1)].TryPop() is { } item)
                return item;
        }

        return null;
    }

    public void Return(T item)
    {
        var processor = Thread.GetCurrentProcessorId();
        for (var i = 0; i < _stacks.Length; i++)
        {
            if (_stacks[(processor + i) & (_stacks.Length - 1)].TryPush(item, perProcessor))
                return;
        }
    }

    private sealed class Stack
    {
        private T?[] _items = [];
        private int _count;
        private bool _isBusy;

        public T? TryPop()
        {
            if (Volatile.Read(ref _count) == 0 || Interlocked.Exchange(ref _isBusy, true))
                return null;

            T? item = null;
            if (_count > 0)
            {
                item = _items[--_count];
                _items[_count] = null;
            }

            Volatile.Write(ref _isBusy, false);
            return item;
        }

        public bool TryPush(T item, int capacity)
        {
            if (Volatile.Read(ref _count) == capacity || Interlocked.Exchange(ref _isBusy, true))
                return false;

            if (_items.Length == 0)
                _items = new T?[capacity];
            var fits = _count < capacity;
            if (fits)
                _items[_count++] = item;
            Volatile.Write(ref _isBusy, false);
            return fits;
        }
    }
}

using System.Collections;

namespace WsPumps.Registry;

/// <summary>
/// Clients in the order they came. Adding and removing take a lock of the list's own and amortised O(1). Enumerating takes no
/// lock and no copy: who is there from the first step to the last is seen once, who comes or goes meanwhile may or may not be
/// seen, and nobody is seen twice who did not leave and come back.
/// </summary>
/// <remarks>
/// Within one array a slot is filled once and emptied once, and never filled again. That is why an array is all that an
/// enumeration needs: when the items move together into a new one, whoever enumerates the old one finds everybody in it still.
/// </remarks>
internal class ClientList : IReadOnlyCollection<IClient>
{
    private const int MinLength = 4;

    private Slot[] _slots = [];
    private int _end;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Innermost of all locks: nothing is called under it but the map that holds the list.</summary>
    protected Lock Sync { get; } = new();

    /// <param name="item">One that is in no list.</param>
    public void Add(ListedClient item)
    {
        lock (Sync)
        {
            if (_end == _slots.Length)
                MoveTogether();

            item.Index = _end;
            Volatile.Write(ref _slots[_end].Client, item.Client);
            Volatile.Write(ref _slots[_end].Item, item);
            _end++;
            Volatile.Write(ref _count, _count + 1);
        }
    }

    /// <summary>Harmless when the item was removed before.</summary>
    public void Remove(ListedClient item)
    {
        lock (Sync)
        {
            if (item.Index == ListedClient.NotListed)
                return;

            _slots[item.Index] = default;
            item.Index = ListedClient.NotListed;
            Volatile.Write(ref _count, _count - 1);
            if (_slots.Length > MinLength && _count <= _slots.Length / 4)
                MoveTogether();
        }
    }

    public Enumerator GetEnumerator() => new(Volatile.Read(ref _slots));

    IEnumerator<IClient> IEnumerable<IClient>.GetEnumerator()
    {
        foreach (var client in this)
            yield return client;
    }

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<IClient>)this).GetEnumerator();

    /// <summary>At least a quarter of the array was filled or emptied since the last time, so each of those paid for a few moves.</summary>
    private void MoveTogether()
    {
        var slots = new Slot[Math.Max(MinLength, _count * 2)];
        var end = 0;
        foreach (var slot in _slots)
        {
            if (slot.Item is null)
                continue;

            slot.Item.Index = end;
            slots[end++] = slot;
        }

        _end = end;
        Volatile.Write(ref _slots, slots);
    }

    /// <summary>The client stands beside its item, so that a broadcast does not have to fetch the item from memory to find it.</summary>
    internal struct Slot
    {
        public IClient? Client;
        public ListedClient? Item;
    }

    public struct Enumerator
    {
        private readonly Slot[] _slots;
        private int _next;
        private IClient? _single;

        public Enumerator(Slot[] slots) => _slots = slots;

        /// <summary>One client, that stands in no list.</summary>
        public Enumerator(IClient single) => (_slots, _single) = ([], single);

        public IClient Current { get; private set; } = null!;

        public bool MoveNext()
        {
            while (_next < _slots.Length)
            {
                if (_slots[_next++].Client is not { } client)
                    continue;

                Current = client;
                return true;
            }

            if (_single is null)
                return false;

            (Current, _single) = (_single, null);
            return true;
        }
    }
}

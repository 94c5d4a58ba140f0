namespace WsPumps.Registry;

/// <summary>
/// Clients in the order they came. Adding and removing take a lock of the list's own and amortised O(1). Enumerating takes no
/// lock and no copy: who is there from the first step to the last is seen once, who comes or goes meanwhile may or may not be
/// seen, and nobody is seen twice who did not leave and come back.
/// </summary>
/// <remarks>
/// Within one array a place is filled once and emptied once, and never filled again. That is why an array is all that an
/// enumeration needs: when the seats move together into a new one, whoever enumerates the old one finds everybody in it still.
/// </remarks>
internal class SeatList
{
    private const int MinLength = 4;

    private Place[] _places = [];
    private int _end;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Innermost of all locks: nothing is called under it but the map that holds the list.</summary>
    protected Lock Gate { get; } = new();

    /// <param name="seat">A seat that is in no list.</param>
    public void Add(Seat seat)
    {
        lock (Gate)
        {
            if (_end == _places.Length)
                MoveTogether();

            seat.Index = _end;
            Volatile.Write(ref _places[_end].Client, seat.Client);
            Volatile.Write(ref _places[_end].Seat, seat);
            _end++;
            Volatile.Write(ref _count, _count + 1);
        }
    }

    /// <summary>Harmless when the seat was removed before.</summary>
    public void Remove(Seat seat)
    {
        lock (Gate)
        {
            if (seat.Index == Seat.None)
                return;

            _places[seat.Index] = default;
            seat.Index = Seat.None;
            Volatile.Write(ref _count, _count - 1);
            if (_places.Length > MinLength && _count <= _places.Length / 4)
                MoveTogether();
        }
    }

    public Enumerator GetEnumerator() => new(Volatile.Read(ref _places));

    public ClientEnumerator Clients() => new(Volatile.Read(ref _places));

    /// <summary>At least a quarter of the array was filled or emptied since the last time, so each of those paid for a few moves.</summary>
    private void MoveTogether()
    {
        var places = new Place[Math.Max(MinLength, _count * 2)];
        var end = 0;
        foreach (var place in _places)
        {
            if (place.Seat is null)
                continue;

            place.Seat.Index = end;
            places[end++] = place;
        }

        _end = end;
        Volatile.Write(ref _places, places);
    }

    /// <summary>The client stands beside its seat, so that a broadcast does not have to fetch the seat from memory to find it.</summary>
    internal struct Place
    {
        public IClient? Client;
        public Seat? Seat;
    }

    public struct Enumerator(Place[] places)
    {
        private int _next;

        public Seat Current { get; private set; } = null!;

        public bool MoveNext()
        {
            while (_next < places.Length)
            {
                if (places[_next++].Seat is not { } seat)
                    continue;

                Current = seat;
                return true;
            }

            return false;
        }
    }

    public struct ClientEnumerator(Place[] places)
    {
        private int _next;

        public IClient Current { get; private set; } = null!;

        public bool MoveNext()
        {
            while (_next < places.Length)
            {
                if (places[_next++].Client is not { } client)
                    continue;

                Current = client;
                return true;
            }

            return false;
        }
    }
}

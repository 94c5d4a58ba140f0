using System.Diagnostics.CodeAnalysis;
using WsPumps.Diagnostics;

namespace WsPumps.Outbound;

/// <summary>
/// A message that comes to the queue in fragments, while it is sent. The bound on those that wait is a bound on its memory. Guarded by the
/// lock of the queue that it is in.
/// </summary>
internal sealed class StreamedMessage(IWorkCounter? work)
{
    /// <summary>So many fragments are in the queue or being written, while another one is being filled.</summary>
    public const int MaxFragments = 1;

    private readonly Queue<PreparedMessage> _fragments = new(MaxFragments + 1);
    private int _inFlight;
    private int _waitsBelow;
    private volatile bool _isOver;

    /// <summary>The number of the first message in the queue that comes behind it.</summary>
    public long GoesBefore { get; set; }

    /// <summary>Whether the peer has been sent a part of it: then nothing but the rest of it may follow.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether its last fragment is here or has left.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether nothing more of it is sent, because the connection ends. Read without the lock.</summary>
    public bool IsOver => _isOver;

    /// <summary>How many fragments wait.</summary>
    public int Count => _fragments.Count;

    /// <summary>The payload bytes of the fragments that wait.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whoever waits for fragments to leave.</summary>
    public RoomSignal Room { get; } = new(work);

    public bool HasRoom => _fragments.Count + _inFlight < MaxFragments;

    public void Add(PreparedMessage fragment)
    {
        _fragments.Enqueue(fragment);
        Bytes += fragment.Length;
        IsComplete |= !fragment.IsPartial;
    }

    public bool TryPeek([NotNullWhen(true)] out PreparedMessage? fragment) => _fragments.TryPeek(out fragment);

    /// <summary>The first fragment leaves.</summary>
    public void Take()
    {
        Bytes -= _fragments.Dequeue().Length;
        _inFlight++;
        HasBegun = true;
    }

    /// <summary>Those that had left were written.</summary>
    public void Left() => _inFlight = 0;

    /// <summary>Nothing more is sent.</summary>
    /// <returns>The fragments that are left.</returns>
    public PreparedMessage[] End()
    {
        _isOver = true;
        PreparedMessage[] left = [.. _fragments];
        _fragments.Clear();
        Bytes = 0;
        return left;
    }

    /// <summary>Whether <see cref="Room"/> is to be prepared and waited for, until fewer than so many are here or being written.</summary>
    public bool TryWait(int below)
    {
        if (_isOver || _fragments.Count + _inFlight < below)
            return false;

        _waitsBelow = below;
        return true;
    }

    /// <summary>Whether somebody waits who is to be told now. To be asked after each change; the one who asked then does it.</summary>
    public bool TryRelease(bool always = false)
    {
        var isDue = _waitsBelow > 0 && (always || _isOver || _fragments.Count + _inFlight < _waitsBelow);
        if (isDue)
            _waitsBelow = 0;
        return isDue;
    }
}

namespace Chat;

/// <summary>What was said last in a room. Used under the lock of <see cref="ChatRooms"/>.</summary>
internal sealed class RoomHistory
{
    private const int MaxLines = 100;

    private readonly Queue<Said> _lines = new();
    private readonly HashSet<string> _keys = [];

    public IReadOnlyCollection<Said> Lines => _lines;

    /// <summary>False when it was said before: a page that does not know whether a line has arrived sends it again.</summary>
    public bool Add(Said line)
    {
        if (!_keys.Add(line.Key))
            return false;

        _lines.Enqueue(line);
        if (_lines.Count > MaxLines)
            _keys.Remove(_lines.Dequeue().Key);
        return true;
    }
}

using System.Diagnostics.CodeAnalysis;

namespace WsPumps.Outbound;

/// <summary>The newest value of each conflation key, in the order in which the keys came.</summary>
/// <remarks>Without a lock: guarded by its owner. Most clients have none.</remarks>
internal sealed class KeyedMessages
{
    private const int MaxSpare = 64;

    private readonly Dictionary<string, Node> _byKey = [];
    private Node? _first;
    private Node? _last;
    private Node? _spare;
    private int _spares;

    public int Count => _byKey.Count;

    public long Bytes { get; private set; }

    public bool TryFind(string key, [NotNullWhen(true)] out PreparedMessage? message)
    {
        message = _byKey.TryGetValue(key, out var node) ? node.Item.Message : null;
        return message is not null;
    }

    /// <summary>Puts a newer value in the place of the one with its key.</summary>
    public void Replace(string key, in QueuedMessage newer)
    {
        var node = _byKey[key];
        Bytes += newer.Message.Length - node.Item.Message.Length;
        node.Item = newer;
    }

    /// <param name="key">A key that is not here.</param>
    /// <param name="item">Its value.</param>
    /// <param name="goesBefore">The number of the first message without a key that comes after it.</param>
    public void Add(string key, in QueuedMessage item, long goesBefore)
    {
        var node = _spare ?? new Node();
        if (_spare is not null)
            (_spare, _spares) = (_spare.Next, _spares - 1);

        (node.Key, node.Item, node.GoesBefore, node.Next) = (key, item, goesBefore, null);
        if (_last is null)
            _first = node;
        else
            _last.Next = node;
        _last = node;
        _byKey.Add(key, node);
        Bytes += item.Message.Length;
    }

    /// <summary>Whether the turn of the first one comes before that of the message without a key that has this number.</summary>
    public bool IsNextBefore(long number) => _first is { } first && first.GoesBefore <= number;

    public ref readonly QueuedMessage Peek() => ref _first!.Item;

    public QueuedMessage Dequeue()
    {
        var node = _first!;
        var item = node.Item;
        _first = node.Next;
        if (_first is null)
            _last = null;
        _byKey.Remove(node.Key);
        Bytes -= item.Message.Length;
        if (_spares < MaxSpare)
        {
            (node.Key, node.Item, node.Next) = ("", default, _spare);
            (_spare, _spares) = (node, _spares + 1);
        }

        return item;
    }

    private sealed class Node
    {
        public string Key = "";
        public QueuedMessage Item;
        public long GoesBefore;
        public Node? Next;
    }
}

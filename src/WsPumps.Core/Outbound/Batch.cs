using System.Buffers;
using WsPumps.Framing;

namespace WsPumps.Outbound;

/// <summary>
/// Frames that go out with one write, for one client or for several that had the same ones waiting. Given back when the last one has
/// written it.
/// </summary>
internal sealed class Batch
{
    /// <summary>What goes out with one write at most; a larger frame goes alone.</summary>
    public const int MaxBytes = 16 * 1024;

    private const int MaxMessages = 128;

    private static readonly ObjectPool<Batch> Pool = new(perProcessor: 32);

    private readonly PreparedMessage[] _messages = new PreparedMessage[MaxMessages];
    private byte[]? _joined;
    private int _count;
    private int _length;
    private bool _isShareable = true;
    private int _users;

    public bool IsEmpty => _count == 0;

    /// <summary>How many of the messages are no control frames, and their payload bytes: what the sums are made of.</summary>
    public (int Messages, long Bytes) Sum { get; private set; }

    /// <summary>By how many bytes these were more before they were compressed.</summary>
    public long BytesSaved { get; private set; }

    public bool HasPing { get; private set; }

    /// <summary>Whether it ends with a part of a message that is streamed.</summary>
    public bool IsStreamed => _count > 0 && _messages[_count - 1].IsStreamed;

    public ReadOnlyMemory<byte> Frames { get; private set; }

    public ReadOnlySpan<PreparedMessage> Messages => _messages.AsSpan(0, _count);

    public static Batch Rent() => Pool.TryTake() ?? new Batch();

    /// <summary>Whether a message fits. The first one always does.</summary>
    public bool HasRoomFor(PreparedMessage message) => _count == 0 || (_count < MaxMessages && _length + message.FrameLength <= MaxBytes);

    public void Add(PreparedMessage message)
    {
        _messages[_count++] = message;
        _length += message.FrameLength;
        BytesSaved += message.BytesSaved;
        HasPing |= message.Opcode is Opcode.Ping;
        // A pooled frame has other content when it is met the next time.
        _isShareable &= !message.IsPooled;
        if (!message.IsControl)
            Sum = (Sum.Messages + (message.IsPartial ? 0 : 1), Sum.Bytes + message.Length);
    }

    /// <summary>Whether it holds the same frames: then what was joined for it serves for the other one as well.</summary>
    public bool Holds(Batch other) => _isShareable && _count == other._count && Messages.SequenceEqual(other.Messages);

    /// <summary>Puts the frames together; a single one is not even copied.</summary>
    public void Join()
    {
        if (_count == 1)
        {
            Frames = _messages[0].Frame;
            return;
        }

        _joined = ArrayPool<byte>.Shared.Rent(_length);
        var end = 0;
        foreach (var message in Messages)
        {
            message.Frame.Span.CopyTo(_joined.AsSpan(end));
            end += message.FrameLength;
        }

        Frames = _joined.AsMemory(0, _length);
    }

    /// <summary>
    /// Tells those who wait for a message what became of it, and gives the frames back that are written. For each client.
    /// </summary>
    public void Settle(bool sent)
    {
        foreach (var message in Messages)
        {
            message.Settle(sent);
            if (sent)
                FramePool.Return(message);
        }
    }

    /// <summary>One more has it. Each gives it back with <see cref="Release"/>.</summary>
    public void Use() => Interlocked.Increment(ref _users);

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Clear();
            Pool.Return(this);
        }
    }

    public void Clear()
    {
        if (_joined is not null)
            ArrayPool<byte>.Shared.Return(_joined);
        _messages.AsSpan(0, _count).Clear();
        (_joined, _count, _length, Sum, BytesSaved, Frames, HasPing, _isShareable) = (null, 0, 0, default, 0, default, false, true);
    }
}

using System.Buffers;
using System.Net.WebSockets;

namespace WsPumps.Inbound;

/// <summary>A message that is coming: a pooled buffer that is never much larger than what has come, whatever was announced.</summary>
/// <remarks>A mutable struct: the field it lives in belongs to the one reader.</remarks>
internal struct MessageBuffer
{
    private const int First = 4096;

    private byte[]? _buffer;

    public int Length { get; private set; }

    /// <summary>The room that there is.</summary>
    public readonly Memory<byte> Room => _buffer.AsMemory(Length);

    /// <summary>Makes room for what is there, and for some of what follows.</summary>
    /// <param name="available">How many bytes are there.</param>
    /// <param name="announced">How many will come in all.</param>
    public void MakeRoom(int available, int announced)
    {
        if (Room.Length >= Math.Max(available, 1) || announced == 0)
            return;

        var size = available == announced ? available : Math.Min(announced, Math.Max(First, Math.Max(Length, available) * 2));
        var larger = ArrayPool<byte>.Shared.Rent(Length + size);
        _buffer.AsSpan(0, Length).CopyTo(larger);
        Release();
        _buffer = larger;
    }

    public void Add(int count) => Length += count;

    /// <summary>Hands the message over; the next one begins.</summary>
    public ReceivedMessage Take(WebSocketMessageType type)
    {
        var message = new ReceivedMessage(type, _buffer, Length);
        this = default;
        return message;
    }

    public void Clear()
    {
        Release();
        this = default;
    }

    private readonly void Release()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
    }
}

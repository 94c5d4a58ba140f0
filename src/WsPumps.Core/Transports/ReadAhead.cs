using System.Buffers;

namespace WsPumps.Transports;

/// <summary>
/// Bytes that were read and not yet asked for. The runtime's WebSocket reads each frame in small pieces; taken from here they
/// do not each cost a way through the server. Without bytes there is no buffer: an idle connection holds none.
/// </summary>
/// <remarks>A mutable struct: the field it lives in belongs to the one reader.</remarks>
internal struct ReadAhead
{
    public const int Size = 4096;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    public readonly bool IsEmpty => _buffer is null;

    /// <summary>Takes over a buffer from the shared pool with bytes at its start.</summary>
    public void Fill(byte[] buffer, int length)
    {
        if (length == 0)
            ArrayPool<byte>.Shared.Return(buffer);
        else
            (_buffer, _start, _end) = (buffer, 0, length);
    }

    /// <summary>Moves as many bytes as there are and fit.</summary>
    public int Take(Span<byte> destination)
    {
        if (_buffer is null)
            return 0;

        var length = Math.Min(destination.Length, _end - _start);
        _buffer.AsSpan(_start, length).CopyTo(destination);
        _start += length;
        if (_start == _end)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }

        return length;
    }
}

namespace WsPumps.Testing.Frames;

/// <summary>Reads a stream through a buffer.</summary>
internal sealed class ByteSource(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    public ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_start.._end);

    public void Skip(int length) => _start += length;

    /// <summary>Buffers at least <paramref name="length"/> bytes.</summary>
    /// <returns>False when the stream ends first.</returns>
    public async ValueTask<bool> FillAsync(int length)
    {
        if (_end - _start >= length)
            return true;

        Buffered.CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        while (_end < length)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end));
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }

    /// <returns>False when the stream ends first.</returns>
    public async ValueTask<bool> ReadExactlyAsync(byte[] destination)
    {
        var length = Math.Min(destination.Length, _end - _start);
        Buffered[..length].CopyTo(destination);
        Skip(length);
        return await stream.ReadAtLeastAsync(destination.AsMemory(length), destination.Length - length, throwOnEndOfStream: false) ==
            destination.Length - length;
    }
}

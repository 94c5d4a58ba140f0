using System.IO.Compression;

namespace WsPumps.Compression;

/// <summary>
/// Inflates messages piece by piece (RFC 7692, section 7.2.2). One of a connection keeps the window, or a new one is made for each message.
/// </summary>
internal sealed class MessageInflater : IDisposable
{
    /// <summary>The empty block that was cut from the end, and one that ends the stream.</summary>
    private static readonly byte[] TailAndEnd = [0x00, 0x00, 0xFF, 0xFF, 0x03, 0x00];
    private static readonly byte[] Tail = [0x00, 0x00, 0xFF, 0xFF];

    /// <summary>Behind a block that says it is the last one, a sender puts one byte more (section 7.2.3.4).</summary>
    private const int MaxBehindEnd = 1;

    private readonly Input _input = new();
    private readonly DeflateStream _inflate;
    private readonly bool _keepsWindow;
    private ReadOnlyMemory<byte> _last;

    public MessageInflater(bool keepsWindow = false)
    {
        _keepsWindow = keepsWindow;
        _inflate = new DeflateStream(_input, CompressionMode.Decompress, leaveOpen: true);
    }

    /// <summary>The next piece, when <see cref="Read"/> has given everything of the one before. It is not copied.</summary>
    /// <exception cref="InvalidDataException">The data had ended.</exception>
    public void Feed(ReadOnlyMemory<byte> compressed)
    {
        if (compressed.Length > MaxBehindEnd && HasEnded())
            throw new InvalidDataException("There is data behind the end of the data.");

        var first = Math.Max(0, compressed.Length - MaxBehindEnd - 1);
        (_input.Bytes, _last) = (compressed[..first], compressed[first..]);
    }

    /// <summary>The message has no more pieces: what is left of it can be read.</summary>
    public void FeedEnd() => _input.Bytes = _keepsWindow ? Tail : TailAndEnd;

    /// <returns>Zero when another piece is needed.</returns>
    /// <exception cref="InvalidDataException">This is nothing that was compressed.</exception>
    public int Read(Span<byte> destination)
    {
        var count = _inflate.Read(destination);
        if (count > 0 || _last.IsEmpty)
            return count;
        if (_last.Length > MaxBehindEnd && HasEnded())
            throw new InvalidDataException("There is data behind the end of the data.");

        (_input.Bytes, _last) = (_last, default);
        return _inflate.Read(destination);
    }

    /// <summary>Whether what was fed is a whole message: its end was understood as one.</summary>
    public bool IsWhole() => _keepsWindow || HasEnded();

    /// <summary>When everything was read: a stream that has ended asks for no more bytes.</summary>
    private bool HasEnded()
    {
        _input.WasAsked = false;
        Span<byte> nothing = stackalloc byte[1];
        return _inflate.Read(nothing) == 0 && !_input.WasAsked;
    }

    public void Dispose() => _inflate.Dispose();

    private sealed class Input : Stream
    {
        public ReadOnlyMemory<byte> Bytes { get; set; }

        public bool WasAsked { get; set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            WasAsked = true;
            var length = Math.Min(buffer.Length, Bytes.Length);
            Bytes.Span[..length].CopyTo(buffer);
            Bytes = Bytes[length..];
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace WsPumps.Framing;

/// <summary>
/// Looks for the close frame of a peer whose messages no longer matter, however wrong they are: it takes every header at its word and skips
/// the rest.
/// </summary>
/// <param name="payloadLeft">How much is still to come of the frame that was begun.</param>
/// <remarks>A mutable struct: the variable it lives in belongs to the one reader.</remarks>
internal struct CloseSeeker(ulong payloadLeft)
{
    /// <summary>Between two pieces of what is read only to be forgotten.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private const int MaxBetweenPauses = 256 * 1024;
    private const byte Masked = 0x80;
    private const int FixedLength = 2;
    private const int MaxBody = 125;

    private Header _header;
    private int _headerLength;
    private ulong _payloadLeft = payloadLeft;
    private bool _isClose;
    private Payload _body;
    private int _bodyLength;
    private int _sincePause;

    /// <summary>What the close frame that was found carries; null where that is nothing that a close frame may carry.</summary>
    public readonly byte[]? Body
    {
        get
        {
            var body = ((ReadOnlySpan<byte>)_body)[.._bodyLength].ToArray();
            Masking.Apply(body, body, IsMasked ? Masking.ReadKey(((ReadOnlySpan<byte>)_header)[(FixedLength + LengthBytes)..]) : 0);
            return CloseStatus.ErrorIn(body) is null ? body : null;
        }
    }

    /// <returns>Whether the bytes have brought a close frame to its end. Those behind it are not looked at.</returns>
    public bool Find(ReadOnlySpan<byte> bytes)
    {
        _sincePause += bytes.Length;
        while (!_isClose || _payloadLeft > 0)
        {
            if (bytes.IsEmpty)
                return false;
            if (_payloadLeft > 0)
                Skip(ref bytes);
            else
                TakeHeader(ref bytes);
        }

        return true;
    }

    /// <summary>
    /// Whether enough was read for now. A peer that answers a close needs no more; one that goes on at full speed must not cost a
    /// processor.
    /// </summary>
    public bool NeedsPause()
    {
        if (_sincePause < MaxBetweenPauses)
            return false;

        _sincePause = 0;
        return true;
    }

    private void Skip(ref ReadOnlySpan<byte> bytes)
    {
        var length = (int)Math.Min((ulong)bytes.Length, _payloadLeft);
        if (_isClose)
        {
            var kept = bytes[..Math.Min(length, MaxBody - _bodyLength)];
            kept.CopyTo(((Span<byte>)_body)[_bodyLength..]);
            _bodyLength += kept.Length;
        }

        _payloadLeft -= (ulong)length;
        bytes = bytes[length..];
    }

    private void TakeHeader(ref ReadOnlySpan<byte> bytes)
    {
        _header[_headerLength++] = bytes[0];
        bytes = bytes[1..];
        if (_headerLength < FixedLength || _headerLength < FixedLength + LengthBytes + (IsMasked ? FrameHeader.MaskLength : 0))
            return;

        ReadOnlySpan<byte> header = _header;
        _payloadLeft = LengthBytes switch
        {
            sizeof(ushort) => BinaryPrimitives.ReadUInt16BigEndian(header[FixedLength..]),
            sizeof(ulong) => BinaryPrimitives.ReadUInt64BigEndian(header[FixedLength..]),
            _ => (ulong)(header[1] & ~Masked),
        };
        _isClose = FrameHeader.OpcodeOf(header) is Opcode.Close;
        _headerLength = 0;
    }

    private readonly bool IsMasked => (_header[1] & Masked) != 0;

    private readonly int LengthBytes => (_header[1] & ~Masked) switch
    {
        126 => sizeof(ushort),
        127 => sizeof(ulong),
        _ => 0,
    };

    [InlineArray(FixedLength + sizeof(ulong) + FrameHeader.MaskLength)]
    private struct Header
    {
        private byte _first;
    }

    [InlineArray(MaxBody)]
    private struct Payload
    {
        private byte _first;
    }
}

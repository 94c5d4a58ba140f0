using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace WsPumps.Framing;

/// <summary>
/// Follows the frames of a peer through a byte stream that somebody else reads, wherever the reads happen to cut it (RFC 6455,
/// section 5.2). It reads headers and the first eight bytes of a control frame's payload, skips the rest, and judges
/// nothing: whoever reads the stream does that.
/// </summary>
internal struct FrameScanner
{
    private const byte Masked = 0x80;
    private const int FixedLength = 2;
    private const int MaskLength = 4;

    private Header _header;
    private int _headerLength;
    private ulong _payloadLength;
    private ulong _payloadLeft;
    private ulong _payload;

    /// <summary>Consumes bytes up to the end of the next control frame.</summary>
    /// <param name="bytes">What was read; afterwards, what is left of it.</param>
    /// <param name="opcode">The control frame's type.</param>
    /// <param name="payload">Its first eight bytes as a big-endian number, unmasked.</param>
    /// <returns>False when the bytes ended first. The next call goes on where they ended.</returns>
    public bool NextControlFrame(ref ReadOnlySpan<byte> bytes, out Opcode opcode, out ulong payload)
    {
        while (!bytes.IsEmpty)
        {
            if (_payloadLeft > 0)
                TakePayload(ref bytes);
            else if (!TakeHeader(ref bytes))
                continue;

            if (_payloadLeft > 0)
                continue;

            _headerLength = 0;
            (opcode, payload) = ((Opcode)(_header[0] & 0x0F), _payload);
            if (opcode >= Opcode.Close)
                return true;
        }

        (opcode, payload) = (default, 0);
        return false;
    }

    /// <summary>Takes one byte of a header.</summary>
    /// <returns>Whether that was the last one.</returns>
    private bool TakeHeader(ref ReadOnlySpan<byte> bytes)
    {
        _header[_headerLength++] = bytes[0];
        bytes = bytes[1..];
        if (_headerLength < FixedLength || _headerLength < FixedLength + LengthBytes + (IsMasked ? MaskLength : 0))
            return false;

        ReadOnlySpan<byte> header = _header;
        _payload = 0;
        _payloadLeft = _payloadLength = LengthBytes switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(header[FixedLength..]),
            8 => BinaryPrimitives.ReadUInt64BigEndian(header[FixedLength..]),
            _ => (ulong)(_header[1] & ~Masked),
        };
        return true;
    }

    private void TakePayload(ref ReadOnlySpan<byte> bytes)
    {
        var length = (int)Math.Min((ulong)bytes.Length, _payloadLeft);
        var taken = _payloadLength - _payloadLeft;
        for (var i = 0; i < length && taken + (ulong)i < sizeof(ulong) && (Opcode)(_header[0] & 0x0F) >= Opcode.Close; i++)
            _payload = (_payload << 8) | (byte)(bytes[i] ^ MaskAt((int)taken + i));

        _payloadLeft -= (ulong)length;
        bytes = bytes[length..];
    }

    private readonly bool IsMasked => (_header[1] & Masked) != 0;

    private readonly int LengthBytes => (_header[1] & ~Masked) switch
    {
        126 => 2,
        127 => 8,
        _ => 0,
    };

    private readonly byte MaskAt(int index) => IsMasked ? _header[FixedLength + LengthBytes + (index % MaskLength)] : (byte)0;

    [InlineArray(FixedLength + sizeof(ulong) + MaskLength)]
    private struct Header
    {
        private byte _first;
    }
}

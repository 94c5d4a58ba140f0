using System.Buffers.Binary;

namespace WsPumps.Load.Protocols;

/// <summary>A masked frame (RFC 6455, section 5.3) that is sent again and again; only the time stamp in it changes.</summary>
internal sealed class OutgoingMessage
{
    private const byte Text = 0x81;
    private const byte Binary = 0x82;
    private const byte Compressed = 0x40;

    /// <summary>One key for all frames: the server has the same work, and the rest of the payload is masked once.</summary>
    private static readonly byte[] Mask = [0x37, 0xFA, 0x21, 0x3D];

    private readonly byte[] _frame;
    private readonly int _payloadOffset;
    private readonly int _stampOffset;

    /// <param name="isText">Text or binary.</param>
    /// <param name="payload">The payload, eight bytes of which the stamp replaces.</param>
    /// <param name="stampOffset">Where in the payload those are; -1 for none.</param>
    /// <param name="isCompressed">Whether the payload is.</param>
    public OutgoingMessage(bool isText, ReadOnlySpan<byte> payload, int stampOffset, bool isCompressed = false)
    {
        Span<byte> header = stackalloc byte[14];
        var length = WriteHeader(header, (byte)((isText ? Text : Binary) | (isCompressed ? Compressed : 0)), payload.Length);
        _frame = [.. header[..length], .. payload];
        _payloadOffset = length;
        _stampOffset = stampOffset;
        ApplyMask(0, payload.Length);
    }

    /// <summary>Whether what comes back tells when it was sent.</summary>
    public bool HasStamp => _stampOffset >= 0;

    public int Length => _frame.Length;

    public int PayloadLength => _frame.Length - _payloadOffset;

    public void CopyTo(Span<byte> destination, uint stamp)
    {
        if (_stampOffset >= 0)
        {
            Stamp.Write(_frame.AsSpan(_payloadOffset + _stampOffset), stamp);
            ApplyMask(_stampOffset, Stamp.Length);
        }

        _frame.CopyTo(destination);
    }

    /// <summary>A control frame: the payload of a ping or close, sent back masked.</summary>
    public static byte[] Control(byte opcode, ReadOnlySpan<byte> payload)
    {
        byte[] frame = [(byte)(0x80 | opcode), (byte)(0x80 | payload.Length), .. Mask, .. payload];
        for (var i = 0; i < payload.Length; i++)
            frame[6 + i] ^= Mask[i % Mask.Length];
        return frame;
    }

    private static int WriteHeader(Span<byte> header, byte first, int length)
    {
        header[0] = first;
        var position = 2;
        switch (length)
        {
            case < 126:
                header[1] = (byte)(0x80 | length);
                break;
            case <= ushort.MaxValue:
                header[1] = 0x80 | 126;
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)length);
                position = 4;
                break;
            default:
                header[1] = 0x80 | 127;
                BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)length);
                position = 10;
                break;
        }

        Mask.CopyTo(header[position..]);
        return position + Mask.Length;
    }

    private void ApplyMask(int start, int length)
    {
        for (var i = start; i < start + length; i++)
            _frame[_payloadOffset + i] ^= Mask[i % Mask.Length];
    }
}

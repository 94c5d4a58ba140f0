using System.Buffers.Binary;

namespace WsPumps.Load.Client;

/// <summary>Follows the frames of a server, which are not masked, wherever the reads cut them. Nothing is allocated or copied but headers and control payloads.</summary>
internal sealed class FrameReader(IFrameReceiver receiver)
{
    private const int MaxHeader = 10;
    private const int MaxControlPayload = 125;
    private const byte Final = 0x80;
    private const byte FirstControl = 0x8;

    private readonly byte[] _header = new byte[MaxHeader];
    private byte[]? _control;
    private int _headerLength;
    private bool _inPayload;
    private long _left;

    private byte Opcode => (byte)(_header[0] & 0x0F);

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            if (!_inPayload && !TryReadHeader(ref bytes))
                return;

            var length = (int)Math.Min(bytes.Length, _left);
            _left -= length;
            Deliver(bytes[..length]);
            bytes = bytes[length..];
            if (_left > 0)
                return;

            (_inPayload, _headerLength) = (false, 0);
        }
    }

    private bool TryReadHeader(ref ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _header[_headerLength++] = bytes[0];
            bytes = bytes[1..];
            if (_headerLength < 2 || _headerLength < LengthOfHeader(_header[1]))
                continue;

            _left = _header[1] switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
                127 => BinaryPrimitives.ReadInt64BigEndian(_header.AsSpan(2)),
                < 126 => _header[1],
                _ => throw new LoadException("The server sent a masked frame."),
            };
            return _inPayload = true;
        }

        return false;
    }

    private void Deliver(ReadOnlySpan<byte> payload)
    {
        if (Opcode < FirstControl)
        {
            receiver.OnData(payload, endsMessage: _left == 0 && (_header[0] & Final) != 0);
            return;
        }

        var control = _control ??= new byte[MaxControlPayload];
        var end = _header[1] - (int)_left;
        payload.CopyTo(control.AsSpan(end - payload.Length));
        if (_left == 0)
            receiver.OnControl(Opcode, control.AsSpan(0, end));
    }

    private static int LengthOfHeader(byte length) => length switch
    {
        126 => 4,
        127 => 10,
        _ => 2,
    };
}

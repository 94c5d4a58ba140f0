using System.Buffers.Binary;
using System.Text;

namespace WsPumps.Testing.Frames;

/// <summary>Frames as a client writes them, valid or, where a test asks for it, not.</summary>
internal static class ClientFrame
{
    private const byte Final = 0x80;
    private const byte Masked = 0x80;

    public static byte[] Text(string text) => Build(WireOpcode.Text, Encoding.UTF8.GetBytes(text));

    public static byte[] Binary(ReadOnlySpan<byte> payload) => Build(WireOpcode.Binary, payload);

    public static byte[] Ping(ReadOnlySpan<byte> payload = default) => Build(WireOpcode.Ping, payload);

    public static byte[] Pong(ReadOnlySpan<byte> payload = default) => Build(WireOpcode.Pong, payload);

    public static byte[] Close(int? code = null, string reason = "")
    {
        if (code is null)
            return Build(WireOpcode.Close, []);

        var body = new byte[2 + Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)code);
        Encoding.UTF8.GetBytes(reason, body.AsSpan(2));
        return Build(WireOpcode.Close, body);
    }

    public static byte[] Build(WireOpcode opcode, ReadOnlySpan<byte> payload, bool fin = true, int reservedBits = 0,
        uint? mask = 0x37FA213D, int lengthBytes = 0)
    {
        var lengthForm = Math.Max(lengthBytes, payload.Length switch { < 126 => 0, <= ushort.MaxValue => 2, _ => 8 });
        var frame = new byte[2 + lengthForm + (mask is null ? 0 : sizeof(uint)) + payload.Length];
        frame[0] = (byte)((fin ? Final : 0) | (reservedBits << 4) | (byte)opcode);
        frame[1] = (byte)((mask is null ? 0 : Masked) | lengthForm switch { 0 => payload.Length, 2 => 126, _ => 127 });
        if (lengthForm == 2)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        else if (lengthForm == 8)
            BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)payload.Length);

        var body = frame.AsSpan(frame.Length - payload.Length);
        payload.CopyTo(body);
        if (mask is { } key)
            Mask(frame.AsSpan(2 + lengthForm), key, body);
        return frame;
    }

    private static void Mask(Span<byte> keyBytes, uint key, Span<byte> body)
    {
        BinaryPrimitives.WriteUInt32BigEndian(keyBytes, key);
        for (var i = 0; i < body.Length; i++)
            body[i] ^= keyBytes[i % sizeof(uint)];
    }
}

using System.Buffers.Binary;
using System.Text;

namespace WsPumps.Testing.Frames;

/// <summary>A frame that was received and found valid.</summary>
internal sealed record WireFrame(bool Fin, WireOpcode Opcode, byte[] Payload)
{
    /// <summary>Whether the message that begins with it is compressed (RFC 7692, section 6).</summary>
    public bool IsCompressed { get; init; }

    public bool IsControl => Opcode >= WireOpcode.Close;

    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>The code in a close frame; 1005 when it has none (section 7.1.5).</summary>
    public int CloseCode => Payload.Length == 0 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(Payload);

    public string CloseReason => Encoding.UTF8.GetString(Payload.AsSpan(2));
}

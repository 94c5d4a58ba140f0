using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using WsPumps;

namespace Devices;

internal enum DeviceMessageKind : byte
{
    /// <summary>Device to server: a value that was measured. The body is a double.</summary>
    Reading = 1,

    /// <summary>Server to device: something to do. The body is text.</summary>
    Command = 2,

    /// <summary>Device to server: it was done. The number is that of the command, the body is text.</summary>
    Done = 3,

    /// <summary>Device to server: it could not be done. As <see cref="Done"/>.</summary>
    Failed = 4,
}

/// <summary>
/// One message of the protocol <c>devices.v1</c>: a header of eight bytes, numbers in network order, then the body.
/// <code>
///  0        1        2        3        4                                   8
/// | kind   | 0      | length of body  | number of the command, 0 for none  | body ...
/// </code>
/// </summary>
internal readonly record struct DeviceMessage(DeviceMessageKind Kind, uint Number, ReadOnlyMemory<byte> Body)
{
    private const int HeaderLength = 8;

    public static DeviceMessage Reading(double value)
    {
        var body = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleBigEndian(body, value);
        return new DeviceMessage(DeviceMessageKind.Reading, 0, body);
    }

    public static DeviceMessage WithText(DeviceMessageKind kind, uint number, string text) => new(kind, number, Encoding.UTF8.GetBytes(text));

    /// <summary>Reads what came from the other side, and takes nothing for granted. The body is that of the message, not a copy.</summary>
    public static bool TryRead(Message message, [NotNullWhen(true)] out DeviceMessage? read)
    {
        read = null;
        var bytes = message.Payload;
        if (message.Type is not System.Net.WebSockets.WebSocketMessageType.Binary || bytes.Length < HeaderLength)
            return false;

        var kind = (DeviceMessageKind)bytes.Span[0];
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes.Span[2..]);
        if (!Enum.IsDefined(kind) || bytes.Span[1] != 0 || bytes.Length != HeaderLength + length || kind is DeviceMessageKind.Reading && length != sizeof(double))
            return false;

        read = new DeviceMessage(kind, BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[4..]), bytes[HeaderLength..]);
        return true;
    }

    public double ReadValue() => BinaryPrimitives.ReadDoubleBigEndian(Body.Span);

    public string ReadText() => Encoding.UTF8.GetString(Body.Span);

    public PreparedMessage Encode()
    {
        var bytes = new byte[HeaderLength + Body.Length];
        bytes[0] = (byte)Kind;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), checked((ushort)Body.Length));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Number);
        Body.CopyTo(bytes.AsMemory(HeaderLength));
        return PreparedMessage.Binary(bytes);
    }
}

using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;

namespace WsPumps.Framing;

/// <summary>What RFC 6455, section 7.4, allows in the body of a close frame that we send.</summary>
internal static class CloseStatus
{
    /// <summary>A control frame carries at most 125 bytes, two of which are the code (section 5.5).</summary>
    public const int MaxReasonBytes = 123;

    public static bool IsValid(WebSocketCloseStatus status) =>
        (int)status is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);

    public static void Validate(WebSocketCloseStatus status)
    {
        if (IsValid(status))
            return;

        throw new ArgumentOutOfRangeException(
            nameof(status),
            (int)status,
            "A close code that may be sent is 1000-1003, 1007-1014, or 3000-4999 for codes of one's own (RFC 6455, section 7.4).");
    }

    /// <summary>Cuts <paramref name="reason"/> to <see cref="MaxReasonBytes"/> of UTF-8, never inside a character.</summary>
    public static string Fit(string? reason)
    {
        if (string.IsNullOrEmpty(reason) || Encoding.UTF8.GetByteCount(reason) <= MaxReasonBytes)
            return reason ?? "";

        int bytes = 0, chars = 0;
        foreach (var rune in reason.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxReasonBytes)
                break;
            chars += rune.Utf16SequenceLength;
        }

        return reason[..chars];
    }

    /// <summary>The close frame: the code, then the reason (RFC 6455, section 5.5.1).</summary>
    public static PreparedMessage Frame(WebSocketCloseStatus status, string fittedReason)
    {
        Span<byte> body = stackalloc byte[sizeof(ushort) + MaxReasonBytes];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)status);
        var length = sizeof(ushort) + Encoding.UTF8.GetBytes(fittedReason, body[sizeof(ushort)..]);
        return PreparedMessage.Control(Opcode.Close, body[..length]);
    }

    /// <summary>Judges the body of a peer's close frame.</summary>
    /// <returns>The rule that it breaks; null where it breaks none.</returns>
    public static FrameError? ErrorIn(ReadOnlySpan<byte> body) => body.Length switch
    {
        0 => null,
        1 => FrameError.HalfCloseCode,
        _ when !IsValid((WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(body)) => FrameError.CloseCode,
        _ => Utf8.IsValid(body[sizeof(ushort)..]) ? null : FrameError.CloseReason,
    };

    /// <summary>
    /// The body of a close frame for a WebSocket's own methods, where <see cref="WebSocketCloseStatus.Empty"/> stands for none.
    /// </summary>
    /// <exception cref="ArgumentException">The code may not be sent, or the reason is too long.</exception>
    public static byte[] Body(WebSocketCloseStatus status, string? reason)
    {
        if (status is WebSocketCloseStatus.Empty && string.IsNullOrEmpty(reason))
            return [];

        Validate(status);
        var length = Encoding.UTF8.GetByteCount(reason ?? "");
        if (length > MaxReasonBytes)
        {
            throw new ArgumentException($"A close frame has room for a reason of {MaxReasonBytes} bytes in UTF-8; this one has {length}.",
                nameof(reason));
        }

        var body = new byte[sizeof(ushort) + length];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)status);
        Encoding.UTF8.GetBytes(reason ?? "", body.AsSpan(sizeof(ushort)));
        return body;
    }

    /// <summary>Reads the body of a close frame. An empty one says nothing: 1005, which is never sent.</summary>
    public static (WebSocketCloseStatus Status, string Reason) Parse(ReadOnlySpan<byte> body) => body.Length < sizeof(ushort)
        ? (WebSocketCloseStatus.Empty, "")
        : ((WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(body), Encoding.UTF8.GetString(body[sizeof(ushort)..]));
}

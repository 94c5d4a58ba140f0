using System.Net.WebSockets;
using WsPumps.Lifetime;

namespace WsPumps.Clustering;

/// <summary>How connections are closed, as it goes to other nodes.</summary>
internal static class CloseBody
{
    /// <summary>In the place of the mode. To a node that does not know it, it is <see cref="CloseMode.Drain"/>.</summary>
    private const byte Replaced = 0xFF;

    public static void Write(BodyWriter writer, WebSocketCloseStatus status, string? reason, CloseMode mode) =>
        Write(writer, status, reason, (byte)mode);

    public static void WriteReplaced(BodyWriter writer) =>
        Write(writer, WebSocketCloseStatus.PolicyViolation, DisconnectCause.ReplacedText, Replaced);

    public static (WebSocketCloseStatus Status, string? Reason, CloseMode Mode, bool IsReplaced) Read(ref BodyReader reader)
    {
        var (status, reason, mode) = ((WebSocketCloseStatus)reader.ReadNumber(), reader.ReadText(), reader.ReadByte());
        return (status, reason.Length == 0 ? null : reason, Enum.IsDefined((CloseMode)mode) ? (CloseMode)mode : CloseMode.Drain,
            mode == Replaced);
    }

    private static void Write(BodyWriter writer, WebSocketCloseStatus status, string? reason, byte mode)
    {
        writer.WriteNumber((long)status);
        writer.WriteText(reason ?? "");
        writer.WriteByte(mode);
    }
}

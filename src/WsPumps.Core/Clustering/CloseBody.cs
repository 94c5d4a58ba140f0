using System.Net.WebSockets;

namespace WsPumps.Clustering;

/// <summary>How connections are closed, as it goes to other nodes.</summary>
internal static class CloseBody
{
    public static void Write(BodyWriter writer, WebSocketCloseStatus status, string? reason, CloseMode mode)
    {
        writer.WriteNumber((long)status);
        writer.WriteText(reason ?? "");
        writer.WriteByte((byte)mode);
    }

    public static (WebSocketCloseStatus Status, string? Reason, CloseMode Mode) Read(ref BodyReader reader)
    {
        var (status, reason, mode) = ((WebSocketCloseStatus)reader.ReadNumber(), reader.ReadText(), (CloseMode)reader.ReadByte());
        return (status, reason.Length == 0 ? null : reason, Enum.IsDefined(mode) ? mode : CloseMode.Drain);
    }
}

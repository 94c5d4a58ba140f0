using System.Net.WebSockets;
using System.Text.Unicode;
using WsPumps.Framing;

namespace WsPumps.Clustering;

/// <summary>
/// A message with its options, as it goes to other nodes: what a frame is made of, so that nothing is encoded again there. Content that
/// was compressed for a client here goes compressed alone: to inflate it costs a fraction of compressing it again.
/// </summary>
internal static class MessageBody
{
    private const int IsText = 1;
    private const int HasPolicy = 2;
    private const int HasKey = 4;
    private const int HasTimeToLive = 8;
    private const int IsSecret = 16;

    /// <summary>No stream of the format becomes longer than so many times its length.</summary>
    private const int MaxRatio = 1032;

    public static void Write(BodyWriter writer, PreparedMessage message, byte[]? deflated)
    {
        var options = message.Options;
        writer.WriteByte((byte)(
            (message.Type is WebSocketMessageType.Text ? IsText : 0) |
            (options?.SlowClientPolicy is null ? 0 : HasPolicy) |
            (options?.ConflationKey is null ? 0 : HasKey) |
            (options?.TimeToLive is null ? 0 : HasTimeToLive) |
            (options is { Compress: false } ? IsSecret : 0)));
        if (options?.SlowClientPolicy is { } policy)
            writer.WriteByte((byte)policy);
        if (options?.ConflationKey is { } key)
            writer.WriteText(key);
        if (options?.TimeToLive is { } time)
            writer.WriteNumber((long)time.TotalMilliseconds);

        writer.WriteNumber(message.Length);
        if (deflated is not null)
            writer.WriteNumber(deflated.Length);
        writer.WriteBytes(deflated ?? message.Payload.Span);
    }

    /// <returns>Null when it is no message.</returns>
    public static PreparedMessage? Read(ref BodyReader reader, bool isCompressed)
    {
        var parts = reader.ReadByte();
        var policy = (parts & HasPolicy) != 0 ? (SlowClientPolicy?)reader.ReadByte() : null;
        var key = (parts & HasKey) != 0 ? reader.ReadText() : null;
        var time = (parts & HasTimeToLive) != 0 ? reader.ReadNumber() : 0;
        var length = isCompressed ? reader.ReadNumber() : 0;
        var payload = reader.ReadBytes();
        if (!reader.IsValid || (policy is { } known && !Enum.IsDefined(known)) || time < 0 || time > TimeSpan.FromDays(1).TotalMilliseconds)
            return null;

        if (Content(payload, (parts & IsText) != 0, isCompressed ? length : null) is not { } message)
            return null;

        return (parts & ~IsText) == 0 ? message : message.With(new MessageOptions
        {
            SlowClientPolicy = policy,
            ConflationKey = key,
            Compress = (parts & IsSecret) == 0,
            // One of less than a millisecond was on the way for longer than that.
            TimeToLive = (parts & HasTimeToLive) == 0 ? null : TimeSpan.FromMilliseconds(Math.Max(1, time)),
        });
    }

    private static PreparedMessage? Content(ReadOnlySpan<byte> payload, bool isText, long? inflatedLength)
    {
        if (inflatedLength is { } length)
        {
            return length < payload.Length || length > Math.Min(PreparedMessage.MaxLength, (long)payload.Length * MaxRatio)
                ? null : PreparedMessage.Inflated(isText ? Opcode.Text : Opcode.Binary, payload.ToArray(), (int)length);
        }

        return !isText ? PreparedMessage.Binary(payload) : Utf8.IsValid(payload) ? PreparedMessage.Text(payload) : null;
    }
}

using System.Net.WebSockets;

namespace WsPumps.Clustering;

/// <summary>
/// A message with its options, as it goes to other nodes: what a frame is made of, so that nothing is encoded again there.
/// </summary>
internal static class MessageBody
{
    private const int IsText = 1;
    private const int HasPolicy = 2;
    private const int HasKey = 4;
    private const int HasTimeToLive = 8;

    public static void Write(BodyWriter writer, PreparedMessage message)
    {
        var options = message.Options;
        writer.WriteByte((byte)(
            (message.Type is WebSocketMessageType.Text ? IsText : 0) |
            (options?.SlowClientPolicy is null ? 0 : HasPolicy) |
            (options?.ConflationKey is null ? 0 : HasKey) |
            (options?.TimeToLive is null ? 0 : HasTimeToLive)));
        if (options?.SlowClientPolicy is { } policy)
            writer.WriteByte((byte)policy);
        if (options?.ConflationKey is { } key)
            writer.WriteText(key);
        if (options?.TimeToLive is { } time)
            writer.WriteNumber((long)time.TotalMilliseconds);

        writer.WriteNumber(message.Length);
        writer.WriteBytes(message.Payload.Span);
    }

    /// <returns>Null when it is no message.</returns>
    public static PreparedMessage? Read(ref BodyReader reader)
    {
        var parts = reader.ReadByte();
        var policy = (parts & HasPolicy) != 0 ? (SlowClientPolicy?)reader.ReadByte() : null;
        var key = (parts & HasKey) != 0 ? reader.ReadText() : null;
        var time = (parts & HasTimeToLive) != 0 ? reader.ReadNumber() : 0;
        var payload = reader.ReadBytes();
        if (!reader.IsValid || (policy is { } known && !Enum.IsDefined(known)) || time < 0 || time > TimeSpan.FromDays(1).TotalMilliseconds)
            return null;

        var isText = (parts & IsText) != 0;
        if (isText && !System.Text.Unicode.Utf8.IsValid(payload))
            return null;

        var message = isText ? PreparedMessage.Text(payload) : PreparedMessage.Binary(payload);
        return (parts & ~IsText) == 0 ? message : message.With(new MessageOptions
        {
            SlowClientPolicy = policy,
            ConflationKey = key,
            // One of less than a millisecond was on the way for longer than that.
            TimeToLive = (parts & HasTimeToLive) == 0 ? null : TimeSpan.FromMilliseconds(Math.Max(1, time)),
        });
    }
}

using System.Text;

namespace WsPumps.Load.Protocols;

/// <summary>
/// SignalR's JSON hub protocol: records that end with 0x1E. One WebSocket message can carry several of them, so the
/// records are counted and not the frames.
/// </summary>
internal sealed class SignalRProtocol : LoadProtocol
{
    public const string Method = "Send";
    public const string Target = "m";

    private const byte End = 0x1E;

    private static readonly byte[] Head = Encoding.UTF8.GetBytes($$"""{"type":1,"target":"{{Target}}","arguments":["AAAAAAAA""");
    private static readonly byte[] HelloAnswer = Encoding.UTF8.GetBytes("{}");

    public override OutgoingMessage Hello { get; } = Record("""{"protocol":"json","version":1}""", stampOffset: -1);

    public override OutgoingMessage CreateMessage(int length)
    {
        var start = $$"""{"type":1,"target":"{{Method}}","arguments":["{{new string('.', Math.Max(length, Stamp.Length))}}"]}""";
        return Record(start, start.IndexOf("..", StringComparison.Ordinal));
    }

    public override MessageSplitter CreateSplitter() => new Splitter();

    private static OutgoingMessage Record(string json, int stampOffset) =>
        new(isText: true, [.. Encoding.UTF8.GetBytes(json), End], stampOffset);

    private sealed class Splitter() : MessageSplitter(Head.Length)
    {
        public override void Feed(ReadOnlySpan<byte> payload, bool endsMessage, IMessageReceiver receiver)
        {
            while (payload.IndexOf(End) is var end and >= 0)
            {
                Take(payload[..end]);
                payload = payload[(end + 1)..];
                var head = Finish();
                if (head.Length == Head.Length && head[..^Stamp.Length].SequenceEqual(Head.AsSpan()[..^Stamp.Length]))
                    receiver.OnMessage(Stamp.Read(head[^Stamp.Length..]));
                else if (head.SequenceEqual(HelloAnswer))
                    receiver.OnHello();
            }

            Take(payload);
        }
    }
}

using System.Net.WebSockets;
using System.Text;
using WsPumps.Core.Tests.Wire;

namespace WsPumps.Core.Tests.Compression;

/// <summary>RFC 7692, sections 6, 7.2 and 8, for what is received: by the socket's own methods, and by a client's pumps.</summary>
public sealed class Rfc7692Tests
{
    private const int MaxMessageSize = 64 * 1024;

    private static readonly string Long = string.Concat(Enumerable.Range(0, 500).Select(i => $"{{\"id\":{i},\"name\":\"name {i}\"}}"));

    private static readonly Dictionary<string, (byte[] Bytes, string[] Messages, int Close)> Cases = new()
    {
        ["6.1 a compressed message"] = (Deflated.Frame(WireOpcode.Text, Encoding.UTF8.GetBytes(Long)), [Long], 0),
        ["6.1 compressed and plain ones in turn"] = (
            [.. Deflated.Frame(WireOpcode.Text, "one"u8), .. ClientFrame.Text("two"), .. Deflated.Frame(WireOpcode.Text, "three"u8)], ["one", "two", "three"], 0),
        ["6.1 fragments of a compressed message"] = (Fragments(Deflated.Payload(Encoding.UTF8.GetBytes(Long)), 3), [Long], 0),
        ["6.1 empty fragments of a compressed message"] = (
            [
                .. ClientFrame.Build(WireOpcode.Text, [], fin: false, reservedBits: Deflated.Rsv1), .. ClientFrame.Build(WireOpcode.Continuation, Deflated.Payload("abc"u8), fin: false),
                .. ClientFrame.Ping(), .. ClientFrame.Build(WireOpcode.Continuation, []),
            ],
            ["abc"], 0),
        ["6.1 RSV1 on a continuation"] = (
            [.. ClientFrame.Build(WireOpcode.Text, Deflated.Payload("abc"u8), fin: false, reservedBits: Deflated.Rsv1), .. ClientFrame.Build(WireOpcode.Continuation, [0], reservedBits: Deflated.Rsv1)], [], 1002),
        ["6.1 RSV1 on a ping"] = (ClientFrame.Build(WireOpcode.Ping, [], reservedBits: Deflated.Rsv1), [], 1002),
        ["6.1 RSV1 on a close frame"] = (ClientFrame.Build(WireOpcode.Close, [], reservedBits: Deflated.Rsv1), [], 1002),
        ["6.1 RSV2 beside RSV1"] = (ClientFrame.Build(WireOpcode.Text, Deflated.Payload("abc"u8), reservedBits: Deflated.Rsv1 | 2), [], 1002),
        ["7.2.2 garbage"] = (ClientFrame.Build(WireOpcode.Binary, [0xFF, 0xFF, 1, 2, 3, 4, 5], reservedBits: Deflated.Rsv1), [], 1007),
        ["7.2.2 cut off"] = (ClientFrame.Build(WireOpcode.Text, Deflated.Payload(Encoding.UTF8.GetBytes(Long)).AsSpan()[..^20], reservedBits: Deflated.Rsv1), [], 1007),
        ["7.2.2 a reference to the message before"] = ([.. Deflated.Frame(WireOpcode.Text, "Hello"u8), .. ClientFrame.Build(WireOpcode.Text, [0xF2, 0x00, 0x11, 0x00, 0x00], reservedBits: Deflated.Rsv1)], ["Hello"], 1007),
        ["7.2.3.1 the example"] = (ClientFrame.Build(WireOpcode.Text, [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], reservedBits: Deflated.Rsv1), ["Hello"], 0),
        ["7.2.3.1 the example in fragments"] = (
            [.. ClientFrame.Build(WireOpcode.Text, [0xF2, 0x48, 0xCD], fin: false, reservedBits: Deflated.Rsv1), .. ClientFrame.Build(WireOpcode.Continuation, [0xC9, 0xC9, 0x07, 0x00])], ["Hello"], 0),
        ["7.2.3.3 a block without compression"] = (
            ClientFrame.Build(WireOpcode.Text, [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00], reservedBits: Deflated.Rsv1), ["Hello"], 0),
        ["7.2.3.4 a final block"] = (ClientFrame.Build(WireOpcode.Text, [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], reservedBits: Deflated.Rsv1), ["Hello"], 0),
        ["7.2.3.5 two blocks"] = (
            ClientFrame.Build(WireOpcode.Text, [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00], reservedBits: Deflated.Rsv1), ["Hello"], 0),
        ["7.2.3.6 an empty message"] = (Deflated.Frame(WireOpcode.Text, []), [""], 0),
        ["8.1 of RFC 6455, behind the compression"] = (Deflated.Frame(WireOpcode.Text, [0x61, 0xC0, 0x80]), [], 1007),
        ["8.1 of RFC 6455, a character cut at the end"] = (Deflated.Frame(WireOpcode.Text, [0x61, 0xE2, 0x82]), [], 1007),
    };

    public static TheoryData<string> All => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Socket_Receives_AsTheSectionSays(string section)
    {
        var (bytes, messages, close) = Cases[section];
        for (var size = 1; size <= bytes.Length; size = size < 20 ? size + 6 : size * 50)
        {
            using var test = new SocketUnderTest(SocketKind.Ours, options: new StreamWebSocketOptions { Compression = new CompressionAgreement() });
            foreach (var piece in bytes.Chunk(size))
                await test.SendAsync(piece);
            await test.SendAsync(ClientFrame.Close(4444));

            var received = new List<string>();
            try
            {
                while (await test.ReceiveMessageAsync() is { Type: not WebSocketMessageType.Close, Payload: var payload })
                    received.Add(Encoding.UTF8.GetString(payload));
                close.Should().Be(0);
            }
            catch (WebSocketException)
            {
                (await CloseCodeAsync(test)).Should().Be(close);
            }

            received.Should().Equal(messages);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_Receives_AsTheSectionSays(string section)
    {
        var (bytes, messages, close) = Cases[section];
        await using var test = new CompressedClient();
        foreach (var piece in bytes.Chunk(50))
            await test.SendAsync(piece);
        await test.SendAsync(ClientFrame.Close(4444));

        (await test.CloseCodeAsync()).Should().Be(close == 0 ? 4444 : close);
        test.Received.Should().Equal(messages);
    }

    [Fact]
    public async Task Message_CompressedThoughNothingWasAgreed_IsAnsweredWith1002()
    {
        await using var test = new CompressedClient(compression: null);
        await test.SendAsync(Deflated.Frame(WireOpcode.Text, "text"u8));

        (await test.CloseCodeAsync()).Should().Be(1002);
    }

    /// <summary>A little that becomes much: a thousand to one.</summary>
    [Theory]
    [InlineData(MaxMessageSize, 0)]
    [InlineData(MaxMessageSize + 1, 1009)]
    [InlineData(64 * 1024 * 1024, 1009)]
    public async Task Message_LongerThanTheLimitWhenInflated_IsAnsweredWith1009(int length, int close)
    {
        var payload = Deflated.Payload(new byte[length]);
        await using var test = new CompressedClient();
        await test.SendAsync(ClientFrame.Build(WireOpcode.Binary, payload, reservedBits: Deflated.Rsv1));
        await test.SendAsync(ClientFrame.Close(4444));

        (await test.CloseCodeAsync()).Should().Be(close == 0 ? 4444 : close);
    }

    private static byte[] Fragments(byte[] payload, int count)
    {
        var pieces = payload.Chunk((payload.Length / count) + 1).ToArray();
        return [.. pieces.SelectMany((piece, i) =>
            ClientFrame.Build(i == 0 ? WireOpcode.Text : WireOpcode.Continuation, piece, fin: i == pieces.Length - 1, reservedBits: i == 0 ? Deflated.Rsv1 : 0))];
    }

    private static async Task<int> CloseCodeAsync(SocketUnderTest test)
    {
        while (true)
        {
            if (await test.ReadFrameAsync() is { Opcode: WireOpcode.Close } close)
                return close.CloseCode;
        }
    }
}

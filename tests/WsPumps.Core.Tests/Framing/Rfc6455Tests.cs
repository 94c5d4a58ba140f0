using System.Buffers.Binary;
using System.Net.WebSockets;
using WsPumps.Core.Tests.Wire;

namespace WsPumps.Core.Tests.Framing;

/// <summary>The rules of RFC 6455 for what is received, by section: what comes in, and the messages and the close code that it leads to.</summary>
public sealed class Rfc6455Tests
{
    private const int Protocol = 1002;
    private const int Payload = 1007;

    private static readonly Dictionary<string, (byte[] Bytes, string Messages, int Close)> Cases = new()
    {
        ["5.1 a client's frame is masked"] = (Text("a"), "a", 0),
        ["5.1 a client's data frame without a mask"] = (Frame(WireOpcode.Text, "text", mask: null), "", Protocol),
        ["5.1 a client's empty frame without a mask"] = (Frame(WireOpcode.Binary, "", mask: null), "", Protocol),
        ["5.1 a client's control frame without a mask"] = (Frame(WireOpcode.Ping, "", mask: null), "", Protocol),
        ["5.1 a client's close frame without a mask"] = (Frame(WireOpcode.Close, "", mask: null), "", Protocol),
        ["5.2 RSV1"] = (ClientFrame.Build(WireOpcode.Text, "a"u8, reservedBits: 4), "", Protocol),
        ["5.2 RSV2"] = (ClientFrame.Build(WireOpcode.Binary, "a"u8, reservedBits: 2), "", Protocol),
        ["5.2 RSV3"] = (ClientFrame.Build(WireOpcode.Ping, "a"u8, reservedBits: 1), "", Protocol),
        ["5.2 RSV1 on a continuation"] = (
            [.. Frame(WireOpcode.Text, "a", fin: false), .. ClientFrame.Build(WireOpcode.Continuation, "b"u8, reservedBits: 4)], "", Protocol),
        ["5.2 opcode 3"] = (Frame((WireOpcode)0x3), "", Protocol),
        ["5.2 opcode 4"] = (Frame((WireOpcode)0x4), "", Protocol),
        ["5.2 opcode 5"] = (Frame((WireOpcode)0x5), "", Protocol),
        ["5.2 opcode 6"] = (Frame((WireOpcode)0x6), "", Protocol),
        ["5.2 opcode 7"] = (Frame((WireOpcode)0x7), "", Protocol),
        ["5.2 opcode B"] = (Frame((WireOpcode)0xB), "", Protocol),
        ["5.2 opcode C"] = (Frame((WireOpcode)0xC), "", Protocol),
        ["5.2 opcode D"] = (Frame((WireOpcode)0xD), "", Protocol),
        ["5.2 opcode E"] = (Frame((WireOpcode)0xE), "", Protocol),
        ["5.2 opcode F"] = (Frame((WireOpcode)0xF), "", Protocol),
        ["5.2 a reserved opcode, of whose frame only one byte has come"] = ([0x83], "", Protocol),
        ["5.2 length 125 in 7 bits"] = (ClientFrame.Binary(new byte[125]), "<125>", 0),
        ["5.2 length 126 in 16 bits"] = (ClientFrame.Binary(new byte[126]), "<126>", 0),
        ["5.2 length 65535 in 16 bits"] = (ClientFrame.Binary(new byte[65_535]), "<65535>", 0),
        ["5.2 length 65536 in 64 bits"] = (ClientFrame.Binary(new byte[65_536]), "<65536>", 0),
        ["5.2 length 125 in 16 bits"] = (ClientFrame.Build(WireOpcode.Binary, new byte[125], lengthBytes: 2), "", Protocol),
        ["5.2 length 0 in 64 bits"] = (ClientFrame.Build(WireOpcode.Binary, [], lengthBytes: 8), "", Protocol),
        ["5.2 length 126 in 64 bits"] = (ClientFrame.Build(WireOpcode.Binary, new byte[126], lengthBytes: 8), "", Protocol),
        ["5.2 length 65535 in 64 bits"] = (ClientFrame.Build(WireOpcode.Binary, new byte[65_535], lengthBytes: 8), "", Protocol),
        ["5.2 a length with its highest bit"] = (Length(ulong.MaxValue), "", Protocol),
        ["5.3 a mask of zeros"] = (Frame(WireOpcode.Text, "abcdef", mask: 0), "abcdef", 0),
        ["5.3 a mask of ones"] = (Frame(WireOpcode.Text, "abcdef", mask: uint.MaxValue), "abcdef", 0),
        ["5.3 a mask for each frame"] = ([.. Frame(WireOpcode.Text, "abc", fin: false, mask: 0x01020304), .. Frame(WireOpcode.Continuation, "def", mask: 0x0A0B0C0D)], "abcdef", 0),
        ["5.4 fragments"] = ([.. Frame(WireOpcode.Text, "a", fin: false), .. Frame(WireOpcode.Continuation, "b", fin: false), .. Frame(WireOpcode.Continuation, "c")], "abc", 0),
        ["5.4 empty fragments"] = ([.. Frame(WireOpcode.Text, "", fin: false), .. Frame(WireOpcode.Continuation, "", fin: false), .. Frame(WireOpcode.Continuation, "")], "<0>", 0),
        ["5.4 control frames between fragments"] = (
            [.. Frame(WireOpcode.Text, "a", fin: false), .. ClientFrame.Ping("p"u8), .. ClientFrame.Pong(), .. Frame(WireOpcode.Continuation, "b")], "ab", 0),
        ["5.4 a close frame between fragments"] = ([.. Frame(WireOpcode.Text, "a", fin: false), .. ClientFrame.Close(1001)], "", 1001),
        ["5.4 a continuation of nothing"] = (Frame(WireOpcode.Continuation, "a"), "", Protocol),
        ["5.4 a continuation behind a whole message"] = ([.. Text("a"), .. Frame(WireOpcode.Continuation, "b")], "a", Protocol),
        ["5.4 a message inside a message"] = ([.. Frame(WireOpcode.Text, "a", fin: false), .. Text("b")], "", Protocol),
        ["5.5 a control frame of 125 bytes"] = (ClientFrame.Ping(new byte[125]), "", 0),
        ["5.5 a control frame of 126 bytes"] = (ClientFrame.Ping(new byte[126]), "", Protocol),
        ["5.5 a close frame of 126 bytes"] = (ClientFrame.Close(1000, new string('x', 124)), "", Protocol),
        ["5.5 a fragmented ping"] = (Frame(WireOpcode.Ping, "a", fin: false), "", Protocol),
        ["5.5 a fragmented pong"] = (Frame(WireOpcode.Pong, "a", fin: false), "", Protocol),
        ["5.5 a fragmented close frame"] = (Frame(WireOpcode.Close, "", fin: false), "", Protocol),
        ["5.5.1 a close frame without a body"] = (ClientFrame.Close(), "", 1000),
        ["5.5.1 half a close code"] = (Frame(WireOpcode.Close, "x"), "", Protocol),
        ["5.5.1 a reason that is not UTF-8"] = (ClientFrame.Build(WireOpcode.Close, [0x03, 0xE8, 0xC3, 0x28]), "", Payload),
        ["5.5.1 data behind a close frame"] = ([.. ClientFrame.Close(1000), .. Text("a")], "", 1000),
        ["5.5.3 a pong that nobody asked for"] = ([.. ClientFrame.Pong("x"u8), .. Text("a")], "a", 0),
        ["5.6 text and binary"] = ([.. Text("a"), .. ClientFrame.Binary([1, 2])], "a|<2>", 0),
        ["7.4 code 999"] = (ClientFrame.Close(999), "", Protocol),
        ["7.4.1 code 1004"] = (ClientFrame.Close(1004), "", Protocol),
        ["7.4.1 code 1005"] = (ClientFrame.Close(1005), "", Protocol),
        ["7.4.1 code 1006"] = (ClientFrame.Close(1006), "", Protocol),
        ["7.4.1 code 1015"] = (ClientFrame.Close(1015), "", Protocol),
        ["7.4.1 code 1011"] = (ClientFrame.Close(1011), "", 1011),
        ["7.4.2 code 1016"] = (ClientFrame.Close(1016), "", Protocol),
        ["7.4.2 code 2999"] = (ClientFrame.Close(2999), "", Protocol),
        ["7.4.2 code 3000"] = (ClientFrame.Close(3000), "", 3000),
        ["7.4.2 code 4999"] = (ClientFrame.Close(4999), "", 4999),
        ["7.4.2 code 5000"] = (ClientFrame.Close(5000), "", Protocol),
        ["8.1 text that is not UTF-8"] = (ClientFrame.Build(WireOpcode.Text, [0xC0, 0x80]), "", Payload),
        ["8.1 text that ends inside a character"] = (ClientFrame.Build(WireOpcode.Text, [0xE2, 0x82]), "", Payload),
        ["8.1 a character over two fragments"] = (
            [.. ClientFrame.Build(WireOpcode.Text, [0xE2, 0x82], fin: false), .. ClientFrame.Build(WireOpcode.Continuation, [0xAC])], "€", 0),
        ["8.1 a wrong character over two fragments"] = (
            [.. ClientFrame.Build(WireOpcode.Text, [0xED], fin: false), .. ClientFrame.Build(WireOpcode.Continuation, [0xA0], fin: false)], "", Payload),
        ["8.1 a wrong byte in a frame that has not come whole"] = (ClientFrame.Build(WireOpcode.Text, [0x61, 0xFF, .. new byte[200]])[..20], "", Payload),
        ["8.1 binary of any bytes"] = (ClientFrame.Binary([0xC0, 0x80, 0xFF]), "<3>", 0),
    };

    public static TheoryData<string> All => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Server_Receives_AsTheSectionSays(string section)
    {
        var (bytes, messages, close) = Cases[section];
        for (var size = 1; size <= bytes.Length; size = size < 20 ? size + 6 : size * 50)
        {
            using var test = new SocketUnderTest(SocketKind.Ours);
            foreach (var piece in bytes.Chunk(size))
                await test.SendAsync(piece);
            // The conversation goes on where the case leaves it open, and so is seen to be well.
            if (close == 0)
                await test.SendAsync(ClientFrame.Close(4444));

            (await ReceiveAsync(test)).Should().Be((messages, close == 0 ? 4444 : close));
        }
    }

    /// <summary>Section 5.1: what a server sends is not masked, and a client closes with 1002 when it is. All other rules are the same.</summary>
    [Theory]
    [InlineData("5.1 masked", 1002)]
    [InlineData("5.2 opcode", 1002)]
    [InlineData("5.2 length", 1002)]
    [InlineData("8.1 text", 1007)]
    [InlineData("valid", 1000)]
    public async Task Client_Receives_AsTheSectionSays(string rule, int code)
    {
        var bytes = rule switch
        {
            "5.1 masked" => Text("a"),
            "5.2 opcode" => Frame((WireOpcode)0x3, "", mask: null),
            "5.2 length" => ClientFrame.Build(WireOpcode.Binary, new byte[5], mask: null, lengthBytes: 2),
            "8.1 text" => ClientFrame.Build(WireOpcode.Text, [0xC0], mask: null),
            _ => [.. Frame(WireOpcode.Text, "a", mask: null), .. Frame(WireOpcode.Close, "", mask: null)],
        };
        using var test = new SocketUnderTest(SocketKind.Ours, options: new StreamWebSocketOptions { IsServer = false });
        await test.SendAsync(bytes);

        var (messages, close) = await ReceiveAsync(test, masked: true);
        (messages, close).Should().Be((rule == "valid" ? "a" : "", code));
    }

    private static async Task<(string Messages, int Close)> ReceiveAsync(SocketUnderTest test, bool masked = false)
    {
        var messages = new List<string>();
        try
        {
            while (true)
            {
                var (type, payload) = await test.ReceiveMessageAsync();
                if (type is WebSocketMessageType.Close)
                    return (string.Join('|', messages), (int)test.Socket.CloseStatus!);
                messages.Add(type is WebSocketMessageType.Text && payload.Length > 0 ? System.Text.Encoding.UTF8.GetString(payload) : $"<{payload.Length}>");
            }
        }
        catch (WebSocketException)
        {
            return (string.Join('|', messages), masked ? await MaskedCloseCodeAsync(test) : await CloseCodeAsync(test));
        }
    }

    private static async Task<int> CloseCodeAsync(SocketUnderTest test)
    {
        while (true)
        {
            if (await test.ReadFrameAsync() is { Opcode: WireOpcode.Close } close)
                return close.CloseCode;
        }
    }

    private static async Task<int> MaskedCloseCodeAsync(SocketUnderTest test)
    {
        var frame = new byte[8];
        await test.Peer.ReadExactlyAsync(frame).InTime();
        (frame[0], frame[1] & 0x80).Should().Be((0x88, 0x80));
        return BinaryPrimitives.ReadUInt16BigEndian([(byte)(frame[6] ^ frame[2]), (byte)(frame[7] ^ frame[3])]);
    }

    private static byte[] Text(string text) => ClientFrame.Text(text);

    private static byte[] Frame(WireOpcode opcode, string text = "", bool fin = true, uint? mask = 0x37FA213D) =>
        ClientFrame.Build(opcode, System.Text.Encoding.UTF8.GetBytes(text), fin, mask: mask);

    private static byte[] Length(ulong length)
    {
        var frame = ClientFrame.Build(WireOpcode.Binary, [], lengthBytes: 8);
        BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), length);
        return frame;
    }
}

using System.Text;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Conformance;

/// <summary>RFC 6455, section 8.1, and the edges of UTF-8 (RFC 3629).</summary>
public sealed class Utf8Tests(EchoServer server) : IClassFixture<EchoServer>
{
    private static readonly string[] ValidTexts =
        ["\0", "\u007F", "\u0080", "\u07FF", "\u0800", "\uD7FF", "\uE000", "\uFEFF", "\uFFFD", "\uFFFF", "\U00010000", "\U0010FFFF", "κόσμε", "a\u00A2\u20AC\U0001F600z"];

    private static readonly string[] InvalidTexts =
    [
        "80", "BF", "C0 80", "C1 BF", "E0 80 80", "E0 9F BF", "F0 80 80 80", "F0 8F BF BF", // a continuation alone, then overlong forms
        "ED A0 80", "ED BF BF", "ED A0 80 ED B0 80", // surrogates
        "F4 90 80 80", "F5 80 80 80", "F8 88 80 80 80", "FE", "FF", // above U+10FFFF
        "C2", "E2 82", "F0 9F 98", "61 F4", // cut off at the end
        "C2 41", "E2 41 82", "F0 9F 41 98", // cut off inside
    ];

    public static TheoryData<Carrier, string> Valid => Carriers.With(ValidTexts);

    public static TheoryData<Carrier, string> Invalid => Carriers.With(InvalidTexts);

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Text_Valid_ComesBack(Carrier carrier, string text)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Text(text));

        (await peer.ReadAsync(WireOpcode.Text)).Payload.Should().Equal(Encoding.UTF8.GetBytes(text));
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Text_CutAnywhere_ComesBack(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        var text = Encoding.UTF8.GetBytes(ValidTexts[^1]);
        for (var cut = 0; cut <= text.Length; cut++)
        {
            await peer.SendAsync(ClientFrame.Build(WireOpcode.Text, text.AsSpan(..cut), fin: false));
            await peer.SendAsync(ClientFrame.Build(WireOpcode.Continuation, text.AsSpan(cut..)));
            (await peer.ReadAsync(WireOpcode.Text)).Payload.Should().Equal(text);
        }
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Text_Invalid_IsAnsweredWith1007(Carrier carrier, string bytes)
    {
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Text, Bytes(bytes)));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1007);
        peer.Reset();
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.ProtocolError);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Text_InvalidInTheLastFragment_IsAnsweredWith1007(Carrier carrier, string bytes)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Text, "valid "u8, fin: false), ClientFrame.Build(WireOpcode.Continuation, Bytes(bytes)));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1007);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Binary_OfAnyBytes_ComesBack(Carrier carrier, string bytes)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Binary(Bytes(bytes)));

        (await peer.ReadAsync(WireOpcode.Binary)).Payload.Should().Equal(Bytes(bytes));
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}

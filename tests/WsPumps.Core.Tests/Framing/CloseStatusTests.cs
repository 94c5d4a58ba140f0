using System.Net.WebSockets;
using System.Text;
using WsPumps.Framing;

namespace WsPumps.Core.Tests.Framing;

public sealed class CloseStatusTests
{
    [Fact]
    public void Validate_EveryCode_AllowsWhatMayBeSent()
    {
        for (var code = -1; code <= 65_536; code++)
        {
            var maySend = code is 1000 or 1001 or 1002 or 1003 or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
            if (IsAllowed(code) != maySend)
                Assert.Fail($"{code} may {(maySend ? "" : "not ")}be sent.");
        }
    }

    private static bool IsAllowed(int code)
    {
        try
        {
            CloseStatus.Validate((WebSocketCloseStatus)code);
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("short", "short")]
    public void Fit_ShortText_StaysAsItIs(string? reason, string expected) => CloseStatus.Fit(reason).Should().Be(expected);

    [Theory]
    [InlineData("a", 123)]
    [InlineData("ä", 61)]
    [InlineData("€", 41)]
    [InlineData("😀", 30)]
    public void Fit_LongText_IsCutBetweenCharacters(string character, int fitting)
    {
        var text = string.Concat(Enumerable.Repeat(character, 200));

        CloseStatus.Fit(text).Should().Be(string.Concat(Enumerable.Repeat(character, fitting)));
    }

    [Fact]
    public void Fit_TextThatJustFits_StaysAsItIs()
    {
        var text = new string('a', 119) + "😀";

        CloseStatus.Fit(text).Should().Be(text);
    }

    [Fact]
    public void Fit_LoneSurrogates_FitOnceEncoded()
    {
        var fitted = CloseStatus.Fit(new string('\uD800', 100));

        Encoding.UTF8.GetByteCount(fitted).Should().BeInRange(121, 123);
    }

    [Theory]
    [InlineData("")]
    [InlineData("the reason")]
    public async Task Frame_WithReason_IsACloseFrame(string reason)
    {
        using var stream = new MemoryStream(CloseStatus.Frame((WebSocketCloseStatus)4321, reason).Frame.ToArray());

        var frame = await new FrameReader(stream).ReadAsync();
        frame!.Opcode.Should().Be(WireOpcode.Close);
        frame.CloseCode.Should().Be(4321);
        frame.CloseReason.Should().Be(reason);
    }

    [Fact]
    public void Parse_FrameBody_IsWhatWasWritten()
    {
        var body = CloseStatus.Frame(WebSocketCloseStatus.InternalServerError, "reason €").Payload;

        CloseStatus.Parse(body.Span).Should().Be((WebSocketCloseStatus.InternalServerError, "reason €"));
    }

    [Fact]
    public void Parse_EmptyBody_SaysNothing() => CloseStatus.Parse([]).Should().Be((WebSocketCloseStatus.Empty, ""));

    [Fact]
    public void Parse_CodeAlone_HasNoReason() => CloseStatus.Parse([0x03, 0xE8]).Should().Be((WebSocketCloseStatus.NormalClosure, ""));
}

using System.Text;
using WsPumps.Framing;

namespace WsPumps.Core.Tests.Framing;

/// <summary>RFC 6455, section 8.1, with the edges of RFC 3629.</summary>
public sealed class Utf8CheckerTests
{
    public static TheoryData<string> Wrong =>
    [
        "80", "BF", "C080", "C1BF", "E08080", "E09FBF", "F0808080", "F08FBFBF", "EDA080", "EDBFBF", "F4908080", "F5808080", "FE", "FF", "C241", "E24182", "F09F4198",
    ];

    [Fact]
    public void Check_ValidTextCutAnywhere_IsComplete()
    {
        var text = Encoding.UTF8.GetBytes("a\u00A2\u20AC\U0001F600z\uD7FF\uE000\uFFFF\U0010FFFF");
        for (var first = 0; first <= text.Length; first++)
        {
            for (var second = first; second <= text.Length; second++)
            {
                var checker = default(Utf8Checker);
                checker.Check(text.AsSpan(0, first)).Should().BeTrue();
                checker.Check(text.AsSpan(first..second)).Should().BeTrue();
                checker.Check(text.AsSpan(second)).Should().BeTrue();
                checker.IsComplete.Should().BeTrue();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Check_WrongByte_IsFoundWithThePieceThatItIsIn(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        for (var before = 0; before < 40; before++)
        {
            byte[] text = [.. Enumerable.Repeat((byte)'a', before), .. bytes, .. "bcd"u8];
            var firstWrong = FirstWrong(text);
            var checker = default(Utf8Checker);
            for (var i = 0; i <= firstWrong; i++)
                checker.Check([text[i]]).Should().Be(i < firstWrong, $"byte {i} of {Convert.ToHexString(text)}");

            default(Utf8Checker).Check(text).Should().BeFalse();
        }
    }

    [Theory]
    [InlineData("C2")]
    [InlineData("E282")]
    [InlineData("F09F98")]
    [InlineData("61F4")]
    public void IsComplete_InsideACharacter_IsFalse(string hex)
    {
        var checker = default(Utf8Checker);
        checker.Check(Convert.FromHexString(hex)).Should().BeTrue();
        checker.IsComplete.Should().BeFalse();
    }

    /// <summary>The first byte behind which no text can be right: found by trying every text that could follow, at its ends.</summary>
    private static int FirstWrong(byte[] text)
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        byte[][] rests = [[], [0x80], [0xBF], [0x80, 0x80], [0xBF, 0xBF], [0x80, 0x80, 0x80], [0xBF, 0xBF, 0xBF]];
        for (var length = 1; length <= text.Length; length++)
        {
            var prefix = text[..length];
            if (!rests.Any(rest => IsRight([.. prefix, .. rest])))
                return length - 1;
        }

        return text.Length;

        bool IsRight(byte[] bytes)
        {
            try
            {
                strict.GetCharCount(bytes);
                return true;
            }
            catch (DecoderFallbackException)
            {
                return false;
            }
        }
    }
}

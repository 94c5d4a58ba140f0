using WsPumps.Hosting;

namespace WsPumps.Tests.Hosting;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("https://a.example", "https://a.example")]
    [InlineData("\u001b[31mred", "\\u001B[31mred")]
    [InlineData("a\r\nb", "a\\u000D\\u000Ab")]
    [InlineData("a\u202eb", "a\\u202Eb")]
    [InlineData("", "")]
    public void Of_ControlCharacters_AreEscaped(string text, string expected) => LogText.Of(text).Should().Be(expected);

    [Fact]
    public void Of_LongText_IsCut() => LogText.Of(new string('x', 30_000)).Should().HaveLength(201).And.EndWith("x…");
}

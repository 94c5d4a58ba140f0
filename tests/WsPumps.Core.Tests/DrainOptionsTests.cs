using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using WsPumps.Framing;

namespace WsPumps.Core.Tests;

public sealed partial class DrainOptionsTests
{
    public static TheoryData<string, DrainOptions> Wrong => new()
    {
        { "Drain.Timeout is 00:00:00.0500000; it must be between*", new DrainOptions { Timeout = TimeSpan.FromMilliseconds(50) } },
        { "Drain.Timeout is 1.00:00:01;*", new DrainOptions { Timeout = TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1) } },
        { "Drain.Delay is -00:00:01;*", new DrainOptions { Delay = TimeSpan.FromSeconds(-1) } },
        { "Drain.Delay (00:00:25) is not less than Drain.Timeout (00:00:25)*", new DrainOptions { Delay = TimeSpan.FromSeconds(25) } },
        { "Drain.BatchSize is 0;*", new DrainOptions { BatchSize = 0 } },
        { "Drain.BatchSize is 1000001;*", new DrainOptions { BatchSize = 1_000_001 } },
        { "Drain.BatchInterval is 00:00:00.0500000;*", new DrainOptions { BatchInterval = TimeSpan.FromMilliseconds(50) } },
        { "Drain.Status is 1005;*", new DrainOptions { Status = (WebSocketCloseStatus)1005 } },
        { "Drain.Reason has 92 bytes;*", new DrainOptions { Reason = new string('é', 46) } },
        { "Drain.ReconnectWithin is -00:00:01;*", new DrainOptions { ReconnectWithin = TimeSpan.FromSeconds(-1) } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validate_WrongOption_NamesItValueAndRule(string expected, DrainOptions options) =>
        options.Validate().Should().ContainSingle().Which.Should().Match(expected);

    [Fact]
    public void Validate_Defaults_AreValid() => new DrainOptions().Validate().Should().BeEmpty();

    [Fact]
    public void NextReason_LongestReasonAndDelay_FitsACloseFrame()
    {
        var options = new DrainOptions { Reason = new string('é', 45), ReconnectWithin = TimeSpan.FromDays(1) };

        options.Validate().Should().BeEmpty();
        Encoding.UTF8.GetByteCount(options.NextReason()).Should().BeLessThanOrEqualTo(CloseStatus.MaxReasonBytes);
    }

    [Fact]
    public void NextReason_ManyTimes_HintsAreSpread()
    {
        var options = new DrainOptions { ReconnectWithin = TimeSpan.FromSeconds(3) };

        var reasons = Enumerable.Range(0, 1000).Select(_ => options.NextReason()).ToList();

        reasons.Should().OnlyContain(reason => reason.StartsWith("The server is shutting down; reconnect after ", StringComparison.Ordinal));
        var delays = reasons.Select(reason => int.Parse(Hint().Match(reason).Groups[1].Value, CultureInfo.InvariantCulture)).ToList();
        delays.Should().OnlyContain(delay => delay >= 0 && delay <= 3000);
        delays.Count(delay => delay < 1500).Should().BeInRange(350, 650);
    }

    [Theory]
    [InlineData("Moving", 0, "^Moving$")]
    [InlineData("", 0, "^$")]
    [InlineData("", 5, "^reconnect after [0-5] ms$")]
    [InlineData("Moving", 5, "^Moving; reconnect after [0-5] ms$")]
    public void NextReason_ReasonAndHint_AreJoinedAsSaid(string reason, int milliseconds, string expected) =>
        new DrainOptions { Reason = reason, ReconnectWithin = TimeSpan.FromMilliseconds(milliseconds) }.NextReason().Should().MatchRegex(expected);

    [GeneratedRegex(@"reconnect after (\d+) ms$")]
    private static partial Regex Hint();
}

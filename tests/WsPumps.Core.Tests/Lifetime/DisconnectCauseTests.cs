using WsPumps.Lifetime;

namespace WsPumps.Core.Tests.Lifetime;

public sealed class DisconnectCauseTests
{
    [Theory]
    [InlineData(DisconnectReason.AuthenticationExpired, true)]
    [InlineData(DisconnectReason.MessageTimeout, true)]
    [InlineData(DisconnectReason.Replaced, false)]
    [InlineData(DisconnectReason.RateLimited, false)]
    [InlineData(DisconnectReason.FirstMessageTimeout, false)]
    public void Rule_PolicyViolation_SaysWhenToComeBackWhereThePeerMay(DisconnectReason reason, bool mayComeBack)
    {
        var cause = DisconnectCause.Rule(reason);

        ((int)cause.Status!).Should().Be(1008);
        HasHint(cause).Should().Be(mayComeBack);
    }

    [Fact]
    public void SlowClient_Many_AreToldDifferentMomentsWithinTwoSeconds()
    {
        var told = Enumerable.Range(0, 200).Select(_ => DisconnectCause.SlowClient()).ToList();

        told.Should().OnlyContain(cause => (int)cause.Status! == 1008 && HasHint(cause));
        told.Select(cause => int.Parse(cause.Text.Split(' ')[^2], System.Globalization.CultureInfo.InvariantCulture))
            .Should().OnlyContain(delay => delay >= 0 && delay <= 2000).And.Subject.Distinct().Count().Should().BeGreaterThan(50);
    }

    private static bool HasHint(DisconnectCause cause) =>
        System.Text.RegularExpressions.Regex.IsMatch(cause.Text, "^[A-Z].*[a-z]; reconnect after [0-9]+ ms$");
}

using System.Net.WebSockets;
using WsPumps.Connecting;

namespace WsPumps.Reconnecting.Tests.Connecting;

public sealed class CloseRulesTests
{
    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    [InlineData(1002, false)]
    [InlineData(1003, true)]
    [InlineData(1007, true)]
    [InlineData(1008, true)]
    [InlineData(1009, false)]
    [InlineData(1011, false)]
    [InlineData(1012, false)]
    [InlineData(1013, false)]
    [InlineData(4000, false)]
    [InlineData(4001, true)]
    public void IsFinal_Status_IsWhatAnotherAttemptWouldNotChange(int status, bool expected) =>
        CloseRules.IsFinal((WebSocketCloseStatus)status, "No more.", [(WebSocketCloseStatus)4001]).Should().Be(expected);

    [Fact]
    public void IsFinal_PolicyViolation_DependsOnWhetherTheServerSaysWhenToComeBack()
    {
        CloseRules.IsFinal(WebSocketCloseStatus.PolicyViolation, "The client reads too slowly; reconnect after 17 ms", []).Should().BeFalse();
        CloseRules.IsFinal(WebSocketCloseStatus.PolicyViolation, null, []).Should().BeTrue();
        CloseRules.IsFinal(WebSocketCloseStatus.PolicyViolation, "reconnect after 17 ms", [WebSocketCloseStatus.PolicyViolation])
            .Should().BeTrue("the application has listed it");
        CloseRules.IsFinal(WebSocketCloseStatus.NormalClosure, "reconnect after 17 ms", []).Should().BeTrue();
    }

    [Theory]
    [InlineData(1001, "The server is shutting down; reconnect after 1234 ms", 1234)]
    [InlineData(1012, "reconnect after 0 ms", 0)]
    [InlineData(1013, "too busy: reconnect after 5 ms or reconnect after 7 ms", 7)]
    [InlineData(1001, "reconnect after 99999999999999999999999 ms", 86_400_000)]
    [InlineData(1001, "reconnect after 86400001 ms", 86_400_000)]
    [InlineData(1008, "The authentication has expired; reconnect after 12 ms", 12)]
    [InlineData(1011, "reconnect after 1234 ms", null)]
    [InlineData(1001, "reconnect after -5 ms", null)]
    [InlineData(1001, "reconnect after  ms", null)]
    [InlineData(1001, "reconnect after 5 s", null)]
    [InlineData(1001, " ms", null)]
    [InlineData(1001, "", null)]
    [InlineData(1001, null, null)]
    public void ToldDelay_CloseOfAServer_IsReadFromTheEndOfTheReason(int status, string? reason, int? milliseconds) =>
        CloseRules.ToldDelay((WebSocketCloseStatus)status, reason).Should().Be(milliseconds is { } expected ? TimeSpan.FromMilliseconds(expected) : null);
}

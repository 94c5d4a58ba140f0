using System.Net;
using WsPumps.Connecting;

namespace WsPumps.Reconnecting.Tests.Connecting;

public sealed class HandshakeRulesTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(200, nameof(AfterHandshake.Retry))]
    [InlineData(302, nameof(AfterHandshake.Retry))]
    [InlineData(400, nameof(AfterHandshake.Stop))]
    [InlineData(401, nameof(AfterHandshake.RetryWithFreshToken))]
    [InlineData(403, nameof(AfterHandshake.RetryWithFreshToken))]
    [InlineData(404, nameof(AfterHandshake.Stop))]
    [InlineData(408, nameof(AfterHandshake.Retry))]
    [InlineData(426, nameof(AfterHandshake.Stop))]
    [InlineData(429, nameof(AfterHandshake.Retry))]
    [InlineData(500, nameof(AfterHandshake.Retry))]
    [InlineData(502, nameof(AfterHandshake.Retry))]
    [InlineData(503, nameof(AfterHandshake.Retry))]
    public void Judge_Status_SaysWhetherAnotherAttemptHelps(int status, string expected) =>
        HandshakeRules.Judge((HttpStatusCode)status).ToString().Should().Be(expected);

    [Theory]
    [InlineData("120", 120)]
    [InlineData("0", 0)]
    [InlineData("99999999999", 86_400)]
    [InlineData("Tue, 01 Jan 2030 12:01:40 GMT", 100)]
    [InlineData("Tue, 01 Jan 2030 11:00:00 GMT", 0)]
    [InlineData("Wed, 01 Jan 2031 12:00:00 GMT", 86_400)]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void RetryAfter_Header_IsSecondsOrADate(string? header, int? seconds) =>
        HandshakeRules.RetryAfter(header, Now).Should().Be(seconds is { } expected ? TimeSpan.FromSeconds(expected) : null);
}

using WsPumps.Sessions;

namespace WsPumps.Tests.Sessions;

public sealed class ResumeOfferTests
{
    private const string Secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

    [Fact]
    public void Find_WellFormed_HasSecretAndCount()
    {
        var offer = ResumeOffer.Find(["chat", $"wspumps.resume.{Secret}.42", "wspumps.fresh"], out var malformed);

        offer.Should().Be(new ResumeOffer($"wspumps.resume.{Secret}.42", UInt128.Parse(Secret, System.Globalization.NumberStyles.HexNumber), 42));
        malformed.Should().Be(0);
    }

    [Theory]
    [InlineData("wspumps.resume.")]
    [InlineData($"wspumps.resume.{Secret}")]
    [InlineData($"wspumps.resume.{Secret}.")]
    [InlineData($"wspumps.resume.{Secret}.-1")]
    [InlineData($"wspumps.resume.{Secret}.+1")]
    [InlineData($"wspumps.resume.{Secret}. 1")]
    [InlineData($"wspumps.resume.{Secret}.1.2")]
    [InlineData($"wspumps.resume.{Secret}.9223372036854775808")]
    [InlineData($"wspumps.resume.{Secret}0.1")]
    [InlineData("wspumps.resume.0f1e2d3c4b5a69788796a5b4c3d2e1f.1")]
    [InlineData("wspumps.resume.0f1e2d3c4b5a69788796a5b4c3d2e1fg.1")]
    [InlineData("wspumps.resume.0x1e2d3c4b5a69788796a5b4c3d2e1f0.1")]
    [InlineData("wspumps.resume. f1e2d3c4b5a69788796a5b4c3d2e1f0.1")]
    public void Find_Malformed_IsCountedAndTheNextOneTaken(string name)
    {
        var offer = ResumeOffer.Find([name, $"wspumps.resume.{Secret}.7"], out var malformed);

        offer!.Received.Should().Be(7);
        malformed.Should().Be(1);
    }

    [Fact]
    public void Find_NoneOrAnotherCase_IsNone()
    {
        ResumeOffer.Find(["chat", "wspumps.fresh", $"WsPumps.Resume.{Secret}.1"], out var malformed).Should().BeNull();
        malformed.Should().Be(0);
    }
}

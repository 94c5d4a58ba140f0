using System.Text;
using WsPumps.Clustering;

namespace WsPumps.Core.Tests.Clustering;

public sealed class SessionSealTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("what the session holds");
    private static readonly byte[] Context = SessionMoves.Context(EnvelopeKind.SessionGiven, 1, 2);
    private static readonly SessionSeal Seal = SessionSeal.Of(1, "/chat", "ada", "https://a.example");

    [Fact]
    public void TryOpen_BySomebodyWhoKnowsTheSecret_GivesTheContent()
    {
        var data = Seal.Seal(Content, Context);

        SessionSeal.Of(1, "/chat", "ada", "https://a.example").TryOpen(data, Context).Should().Equal(Content);
        Encoding.UTF8.GetString(data).Should().NotContain("session");
        Seal.Seal(Content, Context).Should().NotEqual(data, "nobody sees that it is the same");
    }

    public static TheoryData<UInt128, string, string?, string?> Others => new()
    {
        { 2, "/chat", "ada", "https://a.example" },
        { 1, "/other", "ada", "https://a.example" },
        { 1, "/chat", "eve", "https://a.example" },
        { 1, "/chat", null, "https://a.example" },
        { 1, "/chat", "ada", "https://b.example" },
        { 1, "/chat", "", "adahttps://a.example" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Of_AnythingElse_IsAnotherSession(UInt128 secret, string endpoint, string? userId, string? origin)
    {
        var other = SessionSeal.Of(secret, endpoint, userId, origin);

        other.Id.Should().NotBe(Seal.Id);
        other.TryOpen(Seal.Seal(Content, Context), Context).Should().BeNull();
    }

    [Fact]
    public void TryOpen_SentAgainAsSomethingElse_IsNull()
    {
        var data = Seal.Seal(Content, Context);

        Seal.TryOpen(data, SessionMoves.Context(EnvelopeKind.SessionOffered, 1, 2)).Should().BeNull();
        Seal.TryOpen(data, SessionMoves.Context(EnvelopeKind.SessionGiven, 3, 2)).Should().BeNull();
        Seal.TryOpen(data, SessionMoves.Context(EnvelopeKind.SessionGiven, 1, 3)).Should().BeNull();
    }

    [Fact]
    public void TryOpen_BrokenOrShort_IsNull()
    {
        var data = Seal.Seal(Content, Context);
        for (var i = 0; i < data.Length; i++)
        {
            Seal.TryOpen(data.AsSpan(0, i), Context).Should().BeNull();
            data[i] ^= 1;
            Seal.TryOpen(data, Context).Should().BeNull();
            data[i] ^= 1;
        }
    }
}

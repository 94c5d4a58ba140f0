namespace WsPumps.Core.Tests.Compression;

/// <summary>RFC 7692, section 7.1: which offers a server accepts, and what it answers.</summary>
public sealed class CompressionAgreementTests
{
    private const string Answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    [Theory]
    // Section 5.1 and 7.1.3, the examples.
    [InlineData("permessage-deflate", Answer)]
    [InlineData("permessage-deflate; server_no_context_takeover", Answer)]
    [InlineData("permessage-deflate; client_max_window_bits", Answer)]
    [InlineData("permessage-deflate; client_max_window_bits; server_max_window_bits=10", Answer + "; server_max_window_bits=10")]
    [InlineData("permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate; client_max_window_bits", Answer + "; server_max_window_bits=10")]
    // Sections 7.1.1 and 7.1.2: each parameter, at its edges.
    [InlineData("permessage-deflate; client_no_context_takeover", Answer)]
    [InlineData("permessage-deflate; server_no_context_takeover; client_no_context_takeover", Answer)]
    [InlineData("permessage-deflate; server_max_window_bits=8", Answer + "; server_max_window_bits=8")]
    [InlineData("permessage-deflate; server_max_window_bits=15", Answer)]
    [InlineData("permessage-deflate; server_max_window_bits=\"12\"", Answer + "; server_max_window_bits=12")]
    [InlineData("permessage-deflate; client_max_window_bits=8", Answer + "; client_max_window_bits=8")]
    [InlineData("permessage-deflate; client_max_window_bits=15", Answer)]
    [InlineData("PERMESSAGE-DEFLATE ;Server_No_Context_Takeover", Answer)]
    // Declined: values that a parameter may not have, parameters twice, unknown ones, other extensions, nonsense.
    [InlineData("permessage-deflate; server_no_context_takeover=1", null)]
    [InlineData("permessage-deflate; client_no_context_takeover=true", null)]
    [InlineData("permessage-deflate; server_max_window_bits", null)]
    [InlineData("permessage-deflate; server_max_window_bits=7", null)]
    [InlineData("permessage-deflate; server_max_window_bits=16", null)]
    [InlineData("permessage-deflate; server_max_window_bits=08", null)]
    [InlineData("permessage-deflate; server_max_window_bits=+9", null)]
    [InlineData("permessage-deflate; server_max_window_bits=", null)]
    [InlineData("permessage-deflate; client_max_window_bits=7", null)]
    [InlineData("permessage-deflate; client_max_window_bits=abc", null)]
    [InlineData("permessage-deflate; server_max_window_bits=10; server_max_window_bits=10", null)]
    [InlineData("permessage-deflate; client_no_context_takeover; client_no_context_takeover", null)]
    [InlineData("permessage-deflate; unknown", null)]
    [InlineData("permessage-deflate;", null)]
    [InlineData("x-webkit-deflate-frame", null)]
    [InlineData("permessage-bzip2, x", null)]
    [InlineData("", null)]
    [InlineData(", ;=\"", null)]
    // The first offer that is acceptable counts.
    [InlineData("permessage-deflate; unknown, permessage-deflate", Answer)]
    [InlineData("x, permessage-deflate; server_max_window_bits=99, permessage-deflate; server_max_window_bits=11", Answer + "; server_max_window_bits=11")]
    [InlineData("x; a=\"permessage-deflate, b\", permessage-deflate", Answer)]
    public void TryAccept_Offer_IsAnsweredAsTheStandardSays(string offer, string? answer)
    {
        CompressionAgreement.TryAccept([offer], new CompressionOptions(), out var agreement, out var response).Should().Be(answer is not null);

        response.Should().Be(answer);
        (agreement is null).Should().Be(answer is null);
        agreement?.PeerKeepsContext.Should().BeFalse();
    }

    [Theory]
    [InlineData("permessage-deflate", 11, 11)]
    [InlineData("permessage-deflate; server_max_window_bits=9", 11, 9)]
    [InlineData("permessage-deflate; server_max_window_bits=13", 11, 11)]
    public void TryAccept_ServerWantsASmallerWindow_TheSmallerOneCounts(string offer, int option, int agreed)
    {
        CompressionAgreement.TryAccept([offer], new CompressionOptions { ServerMaxWindowBits = option }, out var agreement, out var response).Should().BeTrue();

        agreement!.MaxWindowBits.Should().Be(agreed);
        response.Should().EndWith($"; server_max_window_bits={agreed}");
    }

    [Fact]
    public void TryAccept_OffersInSeveralHeaders_AreOneList()
    {
        CompressionAgreement.TryAccept([null, "x", "permessage-deflate; server_max_window_bits=10"], new CompressionOptions(), out var agreement, out _).Should().BeTrue();

        agreement!.MaxWindowBits.Should().Be(10);
    }

    [Fact]
    public void TryAccept_OptionOutOfRange_IsNamed()
    {
        var accept = () => CompressionAgreement.TryAccept(["permessage-deflate"], new CompressionOptions { ServerMaxWindowBits = 8 }, out _, out _);

        accept.Should().Throw<ArgumentException>().WithMessage("*ServerMaxWindowBits is 8*");
    }
}

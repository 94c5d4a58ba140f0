using WsPumps.Sessions;

namespace WsPumps.Core.Tests.Sessions;

public sealed class KeptMessagesTests
{
    private readonly KeptMessages _kept = new(new SentMessages(100, 100_000), new Lock());

    [Fact]
    public async Task LackingOfAll_NotAllThatWasTakenIsKept_WaitsForIt()
    {
        Keep("1");
        var lacking = _kept.LackingOfAllAsync(received: 0, taken: 2);
        lacking.IsCompleted.Should().BeFalse();

        Keep("2");

        Texts(await lacking.InTime()).Should().Equal("1", "2");
    }

    [Fact]
    public async Task Continue_SessionWasElsewhere_CountsOnFromThere()
    {
        _kept.Continue(received: 5, [PreparedMessage.Text("6"), PreparedMessage.Text("7")], now: 0);
        Keep("8");

        Texts(await _kept.LackingOfAllAsync(received: 6, taken: 1).InTime()).Should().Equal("7", "8");
        _kept.LackingAfter(4, out var missed).Should().BeNull();
        missed.Should().Be(1);
    }

    [Fact]
    public void Since_SomethingWasSentAfterThePromise_IsPartOfIt()
    {
        Keep("1");
        var promised = _kept.LackingAfter(0, out _)!;
        Keep("2");

        Texts(_kept.Since(promised)).Should().Equal("1", "2");
    }

    [Fact]
    public void Keep_MessageThatWasStreamed_CannotBeSentAgain()
    {
        Keep("1");
        var promised = _kept.LackingAfter(0, out _)!;

        _kept.Keep([PreparedMessage.Fragment(WsPumps.Framing.Opcode.Text, new byte[64], length: 1, isFinal: true)], now: 0).Should().BeTrue();

        _kept.Since(promised).Should().BeNull();
        _kept.LackingAfter(1, out var missed).Should().BeNull();
        missed.Should().Be(1);
        _kept.LackingAfter(2, out _)!.Messages.Should().BeEmpty();
    }

    private static IEnumerable<string> Texts(PreparedMessage[]? messages) =>
        messages!.Select(message => System.Text.Encoding.UTF8.GetString(message.Payload.Span));

    private void Keep(string text) => _kept.Keep([PreparedMessage.Text(text)], now: 0).Should().BeFalse();
}

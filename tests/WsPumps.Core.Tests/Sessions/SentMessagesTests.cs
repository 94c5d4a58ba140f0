using WsPumps.Sessions;

namespace WsPumps.Core.Tests.Sessions;

public sealed class SentMessagesTests
{
    [Fact]
    public void Add_MoreThanTheBound_TheOldestAreForgotten()
    {
        var sent = Sent(new SentMessages(3, 1000), 5);

        sent.Count.Should().Be(5);
        sent.Forgotten.Should().Be(2);
        sent.After(2).Select(Text).Should().Equal("3", "4", "5");
        sent.After(4).Select(Text).Should().Equal("5");
        sent.After(5).Should().BeEmpty();
    }

    [Fact]
    public void Add_MoreBytesThanTheBound_TheOldestAreForgotten()
    {
        var sent = new SentMessages(100, 10);
        sent.Add(PreparedMessage.Text("123456"), 0);
        sent.Add(PreparedMessage.Text("abcdef"), 0);

        sent.After(1).Select(Text).Should().Equal("abcdef");

        sent.Add(PreparedMessage.Text("far too long for it"), 0);
        sent.Forgotten.Should().Be(3);
        sent.ReachBack(3).Should().BeTrue();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void ReachBack_Received_IsWithinWhatIsKept(long received, bool reaches) =>
        Sent(new SentMessages(3, 1000), 5).ReachBack(received).Should().Be(reaches);

    [Fact]
    public void ForgetBefore_Moment_KeepsLaterOnes()
    {
        var sent = Sent(new SentMessages(10, 1000), 5);

        sent.ForgetBefore(4);

        sent.Forgotten.Should().Be(3);
        sent.After(3).Select(Text).Should().Equal("4", "5");
    }

    private static SentMessages Sent(SentMessages sent, int count)
    {
        for (var i = 1; i <= count; i++)
            sent.Add(PreparedMessage.Text($"{i}"), sentAt: i);
        return sent;
    }

    private static string Text(PreparedMessage message) => System.Text.Encoding.UTF8.GetString(message.Payload.Span);
}

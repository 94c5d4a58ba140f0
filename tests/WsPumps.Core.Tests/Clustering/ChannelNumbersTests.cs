using WsPumps.Clustering;
using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Clustering;

public sealed class ChannelNumbersTests
{
    private const int Channel = 3;
    private const ulong Node = 7;

    [Theory]
    [InlineData(4, true, false)]
    [InlineData(5, true, false)]
    [InlineData(6, false, true)]
    public void CoverAndPrecede_NodeThatWasThere_TellByTheNumber(long sequence, bool covered, bool later)
    {
        var tag = new DeliveryTag(Channel, Node, sequence);

        Numbers().Cover(tag).Should().Be(covered);
        Numbers().Precede(tag).Should().Be(later);
    }

    /// <summary>So a session that moves neither leaves such a message behind nor takes it for one that has come.</summary>
    [Fact]
    public void CoverAndPrecede_NodeThatWasNotThere_AreBothFalse()
    {
        var tag = new DeliveryTag(Channel, Node + 1, 1);

        Numbers().Cover(tag).Should().BeFalse();
        Numbers().Precede(tag).Should().BeFalse();
    }

    private static ChannelNumbers Numbers()
    {
        var writer = BodyWriter.Begin();
        foreach (var number in new long[] { 1, Channel, 1, Channel })
            writer.WriteNumber(number);
        writer.WriteUInt64(Node);
        writer.WriteNumber(5);
        var reader = new BodyReader(writer.ToArray());
        return ChannelNumbers.Read(ref reader, Channel + 1)!;
    }
}

using System.Net.WebSockets;
using WsPumps.Framing;
using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

public sealed class BatchBuilderTests
{
    private readonly BatchBuilder _builder = new();

    [Fact]
    public void Read_TwoQueuesWithTheSameFrames_AreOneBatch()
    {
        PreparedMessage[] messages = [PreparedMessage.Text("a"), PreparedMessage.Text("b")];

        var first = Read(messages);
        var second = Read(messages);

        second.Should().BeSameAs(first);
        second.Frames.ToArray().Should().Equal([.. messages[0].Frame.Span, .. messages[1].Frame.Span]);
        second.Sum.Messages.Should().Be(2);
    }

    [Fact]
    public void Read_OneMoreFrame_IsABatchOfItsOwn()
    {
        var message = PreparedMessage.Text("a");

        var first = Read(message);
        var second = Read(message, PreparedMessage.Text("a"));

        second.Should().NotBeSameAs(first);
        first.Frames.ToArray().Should().Equal(message.Frame.ToArray());
    }

    [Fact]
    public void Read_EqualTextOfTwoMessages_IsABatchOfItsOwn()
    {
        var first = Read(PreparedMessage.Text("a"));
        var second = Read(PreparedMessage.Text("a"));

        second.Should().NotBeSameAs(first);
    }

    [Fact]
    public void Read_PooledFrame_IsNeverShared()
    {
        var pooled = FramePool.Rent(new Message(WebSocketMessageType.Binary, new byte[] { 1 }));

        var first = Read(pooled);
        var second = Read(pooled);

        second.Should().NotBeSameAs(first);
    }

    [Fact]
    public void Release_OneOfTwoUsers_LeavesTheFramesToTheOther()
    {
        PreparedMessage[] messages = [PreparedMessage.Text("a"), PreparedMessage.Text("b")];
        var first = Read(messages);
        var second = Read(messages);

        first.Release();
        _builder.Clear();

        second.Messages.ToArray().Should().Equal(messages);
    }

    private Batch Read(params PreparedMessage[] messages)
    {
        var queue = Queues.Create(maxMessages: 16, maxBytes: 1024);
        var pump = new TestPump(queue);
        foreach (var message in messages)
            queue.Write(message).Should().Be(WriteResult.Queued);
        pump.WakeUps.Should().Be(1);
        return _builder.Read(queue);
    }
}

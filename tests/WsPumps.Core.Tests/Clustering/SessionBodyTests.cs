using WsPumps.Clustering;
using WsPumps.Outbound;
using WsPumps.Sessions;

namespace WsPumps.Core.Tests.Clustering;

public sealed class SessionBodyTests
{
    private const int Channels = 8;

    private readonly ManualTimeProvider _there = new();
    private readonly ManualTimeProvider _here = new();

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        _here.Advance(TimeSpan.FromHours(3));
        var key = PreparedMessage.Text("price").With(new MessageOptions { ConflationKey = "p", SlowClientPolicy = SlowClientPolicy.Conflate });
        var passing = PreparedMessage.Binary([1, 2]).With(new MessageOptions { TimeToLive = TimeSpan.FromSeconds(10) });
        var queued = QueuedMessage.Of(passing, _there);
        _there.Advance(TimeSpan.FromSeconds(4));

        var body = SessionBody.Read(Write([PreparedMessage.Text("sent")], [new(key, 0), queued]), Channels, _here)!;

        body.Content.MessagesReceived.Should().Be(7);
        body.Groups.Should().Equal("a", "b");
        body.State.ToArray().Should().Equal(9, 8);
        body.Content.Lacking.Should().ContainSingle().Which.Payload.ToArray().Should().Equal("sent"u8.ToArray());
        body.Content.Queued[0].Message.Options.Should().BeEquivalentTo(key.Options);
        body.Content.Queued[0].ExpiresAt.Should().Be(0);
        (body.Content.Queued[1].ExpiresAt - _here.GetTimestamp()).Should().Be(6 * _here.TimestampFrequency, "four of ten seconds are over");
    }

    [Fact]
    public void Read_CutAnywhere_IsNull()
    {
        var data = Write([PreparedMessage.Text("sent")], [new(PreparedMessage.Text("queued"), 0)]);
        for (var length = 0; length < data.Length; length++)
            SessionBody.Read(data.AsSpan(0, length), Channels, _here).Should().BeNull();
    }

    [Fact]
    public void Read_Garbage_NeverThrows()
    {
        var random = new Random(3);
        var good = Write([PreparedMessage.Text("sent")], [new(PreparedMessage.Text("queued"), 0)]);
        for (var i = 0; i < 20_000; i++)
        {
            var data = (byte[])good.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                data[random.Next(data.Length)] = (byte)random.Next(256);
            SessionBody.Read(data, Channels, _here);
            SessionOffer.Read(data);
        }
    }

    [Theory]
    [InlineData(0, 5, 5, true)]
    [InlineData(0, 5, 6, false)]
    [InlineData(1, 5, 1, false)]
    [InlineData(0, 6, 1, false)]
    public void Cover_IsWhatHasANumberUpToThere(int channel, ulong origin, long sequence, bool covers)
    {
        var body = SessionBody.Read(Write([], []), Channels, _here)!;

        body.Numbers.Cover(new DeliveryTag(channel, origin, sequence)).Should().Be(covers);
    }

    private byte[] Write(IReadOnlyList<PreparedMessage> lacking, IReadOnlyList<QueuedMessage> queued) =>
        new SessionBody(new SessionContent(7, lacking, queued), Numbers(), ["a", "b"], new byte[] { 9, 8 }).ToArray(_there);

    /// <summary>Channel 0, node 5, number 5.</summary>
    private static ChannelNumbers Numbers()
    {
        var writer = BodyWriter.Begin();
        foreach (var number in new[] { 1, 0, 1, 0 })
            writer.WriteNumber(number);
        writer.WriteUInt64(5);
        writer.WriteNumber(5);
        var reader = new BodyReader(writer.ToArray());
        return ChannelNumbers.Read(ref reader, Channels)!;
    }
}

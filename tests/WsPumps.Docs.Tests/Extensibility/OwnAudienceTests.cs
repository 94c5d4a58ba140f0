namespace WsPumps.Docs.Tests.Extensibility;

/// <summary>A wrapper around audiences as a user writes it, with the public API alone: who comes late gets what was written last.</summary>
public sealed class OwnAudienceTests
{
    [Fact]
    public void Join_AfterAWrite_GetsTheLastMessage()
    {
        var broadcaster = new Broadcaster(new Manager());
        var topic = new Topic(broadcaster, "prices");
        var (early, late) = (new RecordingClient("early"), new RecordingClient("late"));

        topic.Add(early);
        topic.Write("1.20").Queued.Should().Be(1);
        topic.Add(late);
        topic.Write("1.21").Queued.Should().Be(2);

        early.Texts.Should().Equal("1.20", "1.21");
        late.Texts.Should().Equal("1.20", "1.21");
    }

    private sealed class Topic(Broadcaster broadcaster, string name)
    {
        private PreparedMessage? _last;

        public bool Add(RecordingClient client) => broadcaster.Join(client, name) && (_last is null || client.Write(_last) is WriteResult.Queued);

        public BroadcastResult Write(PreparedMessage message) => broadcaster.Group(name).Write(_last = message);
    }
}

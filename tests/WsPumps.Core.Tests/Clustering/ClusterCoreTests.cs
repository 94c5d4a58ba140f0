using WsPumps.Clustering;

namespace WsPumps.Core.Tests.Clustering;

public sealed class ClusterCoreTests : IAsyncLifetime
{
    private readonly VirtualTime _time = new();
    private readonly TestBackplaneNetwork _network;
    private readonly List<TestNode> _nodes = [];

    public ClusterCoreTests() => _network = new TestBackplaneNetwork(_time);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    [Fact]
    public async Task Publish_OtherNode_ReceivesItOnceAndTheOwnNodeDoesNot()
    {
        var (one, other) = await StartTwoAsync();

        one.Publish("a");
        one.Publish("b");

        await other.Until(node => node.Texts.Count == 2);
        other.Texts.Should().Equal("a", "b");
        one.Texts.Should().BeEmpty();
        one.Statistics.MessagesPublished.Should().Be(2);
        other.Statistics.MessagesReceived.Should().Be(2);
        other.Statistics.MessagesMissing.Should().Be(0);
    }

    [Fact]
    public async Task WhenHasHeardAll_ThousandAskAtOnce_ShareTheirMarkers()
    {
        var (one, _) = await StartTwoAsync();
        one.Core.Receiver.Deliveries = new DeliveriesUnderWay();
        one.Engine.Delay = TimeSpan.FromMilliseconds(10);
        var markers = 0;
        one.Engine.Loses = (channel, data) =>
        {
            if (channel.EndsWith(":all", StringComparison.Ordinal) && data.Span[3] == (byte)EnvelopeKind.Marker)
                markers++;
            return false;
        };

        var asking = Enumerable.Range(0, 1000).Select(_ => one.Core.WhenHasHeardAllAsync([ChannelMap.All], CancellationToken.None)).ToList();
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!asking.TrueForAll(asked => asked.IsCompletedSuccessfully))
        {
            await _time.AdvanceAsync(TimeSpan.FromMilliseconds(10));
            await Task.Delay(1, limit.Token);
        }

        // The first one has gone out before the others ask. The upkeep may publish some of its own.
        markers.Should().BeInRange(2, 5);
    }

    [Fact]
    public async Task Publish_SomeAreLostInBetween_TheGapIsTold()
    {
        var (one, other) = await StartTwoAsync();
        var count = 0;
        other.Engine.Loses = (_, data) => IsMessage(data) && ++count is 2 or 3;

        for (var i = 1; i <= 4; i++)
            one.Publish($"{i}");

        await other.Until(node => !node.Gaps.IsEmpty);
        other.Texts.Should().Equal("1", "4");
        other.Gaps.Should().Equal(new ClusterGap { NodeId = one.Core.Self.Id, Missing = 2, Channel = "wspumps:all" });
        AssertSum(one, other);
    }

    [Fact]
    public async Task Publish_TheLastAreLost_TheGapIsToldWithinASecond()
    {
        var (one, other) = await StartTwoAsync();
        one.Publish("1");
        await other.Until(node => node.Texts.Count == 1);
        other.Engine.Loses = (channel, _) => channel.EndsWith(":all", StringComparison.Ordinal);
        for (var i = 0; i < 10; i++)
            one.Publish("lost");
        await one.Until(node => node.Core.Outbox.Waiting.Messages == 0);
        other.Engine.Loses = static (_, _) => false;

        await other.Until(node => node.Statistics.MessagesMissing == 10);

        AssertSum(one, other);
    }

    [Fact]
    public async Task Publish_TheVeryFirstIsLost_TheGapIsTold()
    {
        var (one, other) = await StartTwoAsync();
        var isFirst = true;
        other.Engine.Loses = (_, data) => IsMessage(data) && isFirst && !(isFirst = false);

        one.Publish("1");
        one.Publish("2");

        await other.Until(node => node.Statistics.MessagesMissing == 1);
        await other.Until(node => node.Texts.Count == 1);
        AssertSum(one, other);
    }

    [Fact]
    public async Task Publish_EachArrivesTwice_IsDeliveredOnce()
    {
        var (one, other) = await StartTwoAsync();
        other.Engine.Repeats = channel => channel.EndsWith(":all", StringComparison.Ordinal);

        for (var i = 0; i < 100; i++)
            one.Publish($"{i}");

        await other.Until(node => node.Statistics.MessagesRepeated >= 100);
        other.Texts.Should().Equal(Enumerable.Range(0, 100).Select(i => $"{i}"));
        AssertSum(one, other);
    }

    [Fact]
    public async Task Publish_EngineIsAway_IsSentWhenItIsBack()
    {
        var (one, other) = await StartTwoAsync();

        one.Engine.Disconnect();
        one.Publish("meanwhile");
        one.Core.Outbox.Waiting.Messages.Should().BeGreaterThan(0);
        one.Engine.Connect();

        await other.Until(node => node.Texts.Count == 1);
        AssertSum(one, other);
    }

    [Fact]
    public async Task Publish_MoreThanTheOutboxHolds_TheOldestAreDroppedAndMissedByTheOther()
    {
        var (one, other) = await StartTwoAsync(options => options.MaxOutboxMessages = 10);
        one.Engine.Disconnect();

        for (var i = 0; i < 25; i++)
            one.Publish($"{i}");
        one.Engine.Connect();

        await other.Until(node => node.Texts.Count + node.Statistics.MessagesMissing == 25);
        one.Statistics.MessagesDropped.Should().Be(other.Statistics.MessagesMissing).And.BeInRange(14, 15);
        other.Texts[^1].Should().Be("24");
        AssertSum(one, other);
    }

    [Fact]
    public async Task Publish_MoreBytesThanTheOutboxHolds_AreDropped()
    {
        var (one, other) = await StartTwoAsync(options => options.MaxOutboxBytes = 4096);
        one.Engine.Disconnect();

        for (var i = 0; i < 8; i++)
            one.Publish(new string('x', 1000));
        one.Core.Outbox.Waiting.Bytes.Should().BeLessThanOrEqualTo(4096 + 1100);
        one.Engine.Connect();

        await other.Until(node => node.Texts.Count + node.Statistics.MessagesMissing == 8);
        one.Statistics.MessagesDropped.Should().Be(other.Statistics.MessagesMissing).And.BePositive();
    }

    [Fact]
    public async Task Publish_EngineIsAwayForLongerThanTheAge_IsDroppedAndCounted()
    {
        var (one, other) = await StartTwoAsync(options => options.MaxOutboxAge = TimeSpan.FromMilliseconds(100));
        one.Engine.Disconnect();

        one.Publish("too old");
        await one.Until(node => node.Statistics.MessagesDropped == 1);
        one.Engine.Connect();

        await other.Until(node => node.Statistics.MessagesMissing == 1);
        AssertSum(one, other);
    }

    [Fact]
    public async Task Publish_EngineTakesIt_HasItWhenTheWriteReturns()
    {
        var (one, two) = await StartTwoAsync();
        await one.Core.Outbox.WaitUntilEmptyAsync().InTime();
        var threads = new List<int>();
        two.Engine.Loses = (_, data) =>
        {
            if (IsMessage(data))
                threads.Add(Environment.CurrentManagedThreadId);
            return false;
        };

        one.Publish("now");

        threads.Should().Equal(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public async Task Publish_OfAKindThatAVersionToComeHas_IsMissed()
    {
        var (one, two) = await StartTwoAsync();
        var message = one.Core.Publisher.Begin((EnvelopeKind)99);
        message.WriteText("of a kind to come");

        one.Core.Publisher.PublishNumbered(ChannelMap.All, message);
        one.Publish("known");

        await two.Until(node => node.Texts.Contains("known") && !node.Gaps.IsEmpty);
        two.Gaps.Sum(gap => gap.Missing).Should().Be(1);
    }

    [Fact]
    public async Task Publish_EngineRefuses_IsOfferedAgainInOrder()
    {
        var (one, other) = await StartTwoAsync();
        one.Engine.Refuses = true;
        for (var i = 0; i < 1000; i++)
            one.Publish($"{i}");

        one.Engine.TakeAgain();

        await other.Until(node => node.Texts.Count == 1000);
        other.Texts.Should().Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Publish_EngineThrows_IsCountedAndTheNextGoes()
    {
        var (one, other) = await StartTwoAsync();
        one.Engine.Throws = new InvalidOperationException("broken by the test");
        one.Publish("1");
        await one.Until(node => node.Statistics.MessagesDropped == 1);
        one.Engine.Throws = null;
        one.Publish("2");

        await other.Until(node => node.Statistics.MessagesMissing == 1);
        other.Texts.Should().Equal("2");
    }

    [Fact]
    public async Task WaitForRoom_OutboxIsFull_CompletesWhenTheEngineTakesAgain()
    {
        var (one, _) = await StartTwoAsync(options => options.MaxOutboxMessages = 10);
        one.Engine.Refuses = true;
        for (var i = 0; i < 10; i++)
            one.Publish($"{i}");

        var room = one.Core.Outbox.WaitForRoomAsync(CancellationToken.None);
        room.IsCompleted.Should().BeFalse();
        one.Engine.TakeAgain();

        await room.InTime();
    }

    [Fact]
    public async Task Engine_LosesTheConnectionOfTheSubscriber_WhatWasMissedIsCountedWhenItIsBack()
    {
        var (one, other) = await StartTwoAsync();
        other.Engine.Disconnect();
        for (var i = 0; i < 50; i++)
            one.Publish("lost");
        await one.Until(node => node.Core.Outbox.Waiting.Messages == 0);

        other.Engine.Connect();

        await other.Until(node => node.Statistics.MessagesMissing == 50);
        AssertSum(one, other);
    }

    [Fact]
    public async Task Engine_ForgetsTheSubscriptions_TheyAreRenewedAndWhatWasMissedIsCounted()
    {
        var (one, other) = await StartTwoAsync(options => options.ProbeInterval = TimeSpan.FromSeconds(1));
        other.Engine.ForgetSubscriptions();
        one.Publish("lost");

        await other.Until(node => node.Statistics.MessagesMissing == 1);

        one.Publish("heard");
        await other.Until(node => node.Texts.Count == 1);
        AssertSum(one, other);
    }

    [Fact]
    public async Task Nodes_ComeAndGo_IsToldOnBothSides()
    {
        var (one, other) = await StartTwoAsync();
        one.Core.Nodes.Alive.Should().ContainSingle(node => node.Name == "other" && node.Id == other.Core.Self.Id);

        await other.DisposeAsync();

        await one.Until(node => !node.Left.IsEmpty);
        one.Left.Should().Equal(("other", false));
        one.Core.Nodes.IsAlone.Should().BeTrue();
    }

    [Fact]
    public async Task Nodes_OneVanishes_IsToldAfterTheTimeout()
    {
        var (one, other) = await StartTwoAsync(Fast);

        _network.Cut(one.Engine, other.Engine);

        await one.Until(node => !node.Left.IsEmpty);
        one.Left.Should().Equal(("other", true));
        await one.Until(node => node.Core.Nodes.IsAlone);
    }

    [Fact]
    public async Task Partition_Heals_BothAreThereAgainAndWhatWasLostIsCounted()
    {
        var (one, other) = await StartTwoAsync(Fast);
        one.Publish("before");
        await other.Until(node => node.Texts.Count == 1);
        _network.Cut(one.Engine, other.Engine);
        for (var i = 0; i < 20; i++)
            one.Publish("lost");
        await other.Until(node => !node.Left.IsEmpty);

        _network.Heal();
        one.Publish("after");

        await other.Until(node => node.Texts.Contains("after"));
        await other.Until(node => node.Joined.Count == 2);
        AssertSum(one, other);
        other.Statistics.MessagesMissing.Should().Be(20);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(30)]
    public async Task Partition_HealsAndNothingComesAfterWhatWasLost_ItIsCounted(int seconds)
    {
        var (one, other) = await StartTwoAsync();
        // The one that publishes has nobody there: it doesn't prove the channel, so no probe of its own tells the number.
        var channel = one.Core.Channels.OfUser("ada");
        other.Core.AddInterest(channel);
        await other.Until(node => node.Core.Subscriptions[channel].IsProved);
        one.Publish("before", channel);
        await other.Until(node => node.Texts.Count == 1);
        _network.Cut(one.Engine, other.Engine);
        one.Publish("lost", channel);
        await _time.AdvanceAsync(TimeSpan.FromSeconds(seconds));

        _network.Heal();

        await other.Until(node => node.Statistics.MessagesMissing == 1);
        AssertSum(one, other);
    }

    [Fact]
    public async Task Interest_FirstMemberAndLast_SwitchTheChannelOnAndLaterOff()
    {
        var (one, _) = await StartTwoAsync(options => options.InterestLinger = TimeSpan.FromMilliseconds(300));
        var channel = one.Core.Channels.OfGroup("room");
        var name = one.Core.Channels[channel];

        one.Core.AddInterest(channel);
        await one.Until(node => node.Engine.Interests.Contains(name));
        one.Core.AddInterest(channel);
        one.Core.RemoveInterest(channel);
        one.Core.RemoveInterest(channel);

        await one.Until(node => !node.Engine.Interests.Contains(name));
    }

    [Fact]
    public async Task Interest_BeginsAfterOthersHavePublished_WhatCameBeforeIsNotMissing()
    {
        var (one, other) = await StartTwoAsync();
        var channel = one.Core.Channels.OfGroup("room");
        one.Publish("before", channel);
        await one.Until(node => node.Core.Outbox.Waiting.Messages == 0);

        other.Core.AddInterest(channel);
        await other.Until(node => node.Core.Subscriptions[channel].Sequences.Knows(one.Core.Self.Instance));
        one.Publish("after", channel);

        await other.Until(node => node.Texts.Count > 0);
        other.Texts.Should().Equal("after");
        other.Statistics.MessagesMissing.Should().Be(0);
    }

    [Fact]
    public async Task Interest_BeginsLaterAndTheFirstAfterItIsLost_ItIsCounted()
    {
        var (one, other) = await StartTwoAsync();
        var channel = one.Core.Channels.OfGroup("room");
        other.Core.AddInterest(channel);
        await other.Until(node => node.Core.Subscriptions[channel].Sequences.Knows(one.Core.Self.Instance));

        other.Engine.Loses = (_, data) => IsMessage(data);
        one.Publish("lost", channel);

        await other.Until(node => node.Statistics.MessagesMissing == 1);
        AssertSum(one, other);
    }

    [Fact]
    public async Task Interest_ThousandsOfGroupsComeAndGo_NoTrafficForThem()
    {
        var (one, _) = await StartTwoAsync();
        for (var i = 0; i < 1000; i++)
            one.Core.AddInterest(one.Core.Channels.OfGroup($"room-{i}"));
        await one.Until(node => node.Engine.Interests.Count == 3 + 8);
        var before = one.Engine.Subscribed;

        for (var round = 0; round < 10; round++)
        {
            for (var i = 0; i < 1000; i++)
                one.Core.RemoveInterest(one.Core.Channels.OfGroup($"room-{i}"));
            for (var i = 0; i < 1000; i++)
                one.Core.AddInterest(one.Core.Channels.OfGroup($"room-{i}"));
        }

        one.Engine.Subscribed.Should().Be(before);
    }

    [Fact]
    public async Task Application_OfAnotherName_IsIgnoredAndLoggedOnce()
    {
        var logger = new LogRecorder();
        var one = await StartAsync("one", logger: logger);
        var stranger = await StartAsync("stranger", options => options.ApplicationName = "Other");

        await one.Until(node => node.Statistics.MessagesIgnored > 10);
        stranger.Publish("not for you");
        await one.Until(_ => logger.EventNames.Contains("ClusterOtherApplication"));

        one.Texts.Should().BeEmpty();
        one.Core.Nodes.Alive.Should().BeEmpty();
        logger.Named("ClusterOtherApplication").Should().ContainSingle().Which.Message.Should().Contain("'Other'").And.Contain("'WsPumps'");
    }

    [Fact]
    public async Task Garbage_AndOtherVersions_AreIgnoredAndCountedAndLoggedOnce()
    {
        var logger = new LogRecorder();
        var one = await StartAsync("one", logger: logger);
        await one.Until(node => node.Core.Subscriptions[ChannelMap.All].IsProved);
        var random = new Random(1);

        for (var i = 0; i < 1000; i++)
        {
            var garbage = new byte[random.Next(200)];
            random.NextBytes(garbage);
            one.Core.Receiver.Receive("wspumps:all", garbage);
        }

        one.Core.Receiver.Receive("wspumps:all", "WP\u0002 of a version to come"u8.ToArray());
        one.Core.Receiver.Receive("wspumps:all", "WP\0 of a version before all"u8.ToArray());

        one.Statistics.MessagesIgnored.Should().Be(1002);
        logger.Named("ClusterGarbage").Should().ContainSingle();
        logger.Named("ClusterOtherVersion").Should().ContainSingle();
    }

    [Fact]
    public async Task Heartbeat_OfANodeWithOtherChannels_IsRefusedAndLogged()
    {
        var logger = new LogRecorder();
        var one = await StartAsync("one", logger: logger);
        await StartAsync("misfit", options => options.GroupChannels = 16);

        await one.Until(_ => logger.EventNames.Contains("ClusterNodeMisfit"));

        logger.Named("ClusterNodeMisfit")[0].Message.Should().Contain("GroupChannels");
        one.Core.Nodes.Alive.Should().BeEmpty();
    }

    [Fact]
    public async Task Start_EngineIsRequiredAndNotThere_Throws()
    {
        var starting = TestNode.StartAsync(_network.Add(connected: false), "one", _time, configure: options =>
            (options.RequireBackplane, options.ConnectTimeout) = (true, TimeSpan.FromSeconds(5)));

        var start = () => _time.AdvanceUntilAsync(starting, TimeSpan.FromSeconds(6));

        (await start.Should().ThrowAsync<TimeoutException>()).WithMessage("*memory*not there*RequireBackplane*");
    }

    private static bool IsMessage(ReadOnlyMemory<byte> data) => data.Span[3] == (byte)EnvelopeKind.Message;

    private static void Fast(ClusterOptions options) =>
        (options.HeartbeatInterval, options.NodeTimeout) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));

    private async Task<(TestNode One, TestNode Other)> StartTwoAsync(Action<ClusterOptions>? configure = null)
    {
        var (one, other) = (await StartAsync("one", configure), await StartAsync("other", configure));
        await one.UntilTogether(other);
        return (one, other);
    }

    private async Task<TestNode> StartAsync(string name, Action<ClusterOptions>? configure = null, LogRecorder? logger = null)
    {
        var node = await TestNode.StartAsync(_network.Add(), name, _time, logger, configure: configure);
        _nodes.Add(node);
        return node;
    }

    /// <summary>All that one has published has reached the other, or is counted as missing.</summary>
    private static void AssertSum(TestNode one, TestNode other) =>
        (other.Statistics.MessagesReceived + other.Statistics.MessagesMissing).Should().Be(one.Statistics.MessagesPublished);
}

using Microsoft.Extensions.Logging;
using WsPumps.Clustering;

namespace WsPumps.Core.Tests.Clustering;

/// <summary>What an operator reads of a cluster, by the names in the table of log events.</summary>
public sealed class ClusterLogTests : IAsyncLifetime
{
    private readonly VirtualTime _time = new();
    private readonly TestBackplaneNetwork _network;
    private readonly LogRecorder _log = new();
    private readonly List<TestNode> _nodes = [];

    public ClusterLogTests() => _network = new TestBackplaneNetwork(_time);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    [Fact]
    public async Task Engine_IsNotThereComesAndIsLost_EachIsLogged()
    {
        var engine = _network.Add(connected: false);
        var one = await StartAsync(engine, "one");

        await UntilLogged(one, "BackplaneUnreachable", "*memory cannot be reached: not there*tried again*");
        engine.Connect();
        await UntilLogged(one, "BackplaneConnected", "*memory*");
        engine.Disconnect();
        await UntilLogged(one, "BackplaneLost", "*memory is lost: disconnected by the test*");
        _log.Named("BackplaneUnreachable").Should().ContainSingle("there was one attempt that failed");
    }

    [Fact]
    public async Task Engine_IsTriedAgainAndAgain_IsAWarningOnceForEachTimeItIsAwayAndThenDebug()
    {
        var engine = _network.Add(connected: false);
        await StartAsync(engine, "one");

        engine.Disconnect();
        engine.Disconnect();
        engine.Connect();
        engine.Disconnect();
        engine.Disconnect();
        engine.Disconnect();

        _log.Records.Where(record => record.EventName is "BackplaneUnreachable" or "BackplaneStillUnreachable" or "BackplaneLost").Select(record => (record.EventName, record.Level))
            .Should().Equal(
                ("BackplaneUnreachable", LogLevel.Warning), ("BackplaneStillUnreachable", LogLevel.Debug), ("BackplaneStillUnreachable", LogLevel.Debug),
                ("BackplaneLost", LogLevel.Warning), ("BackplaneUnreachable", LogLevel.Warning), ("BackplaneStillUnreachable", LogLevel.Debug));
    }

    [Fact]
    public async Task Engine_IsAwayForLongerThanMessagesMayWait_WhatWasDroppedIsLoggedOnceItIsBack()
    {
        var one = await StartAsync(_network.Add(), "one");
        await one.Until(node => node.Core.Subscriptions[ChannelMap.All].IsProved);
        one.Engine.Disconnect();
        foreach (var text in new[] { "a", "b", "c" })
            one.Publish(text);
        await one.Until(node => node.Statistics.MessagesDropped == 3);
        one.Publish("waits");
        _log.EventNames.Should().NotContain("ClusterOutboxDropped", "more may be dropped until it is back");

        one.Engine.Connect();

        await UntilLogged(one, "ClusterOutboxDropped", "*memory*in time: 3 were dropped*");
        _log.Named("ClusterOutboxDropped").Should().ContainSingle().Which.Level.Should().Be(LogLevel.Warning);
    }

    [Fact]
    public async Task Engine_DropsAgainSoonAfterwards_IsLoggedOnceInTenSeconds()
    {
        var one = await StartAsync(_network.Add(), "one", configure: options => options.MaxOutboxMessages = 1);
        await one.Until(node => node.Core.Subscriptions[ChannelMap.All].IsProved);
        await DropAsync("a", "b", "c");
        await UntilLogged(one, "ClusterOutboxDropped", "*in time: 1 were dropped*");
        var first = _time.GetTimestamp();

        await DropAsync("d", "e", "f", "g");
        await DropAsync("h", "i", "j");

        await one.Until(_ => _log.Named("ClusterOutboxDropped").Count == 2);
        _log.Named("ClusterOutboxDropped")[1].Message.Should().Match("*in time: 3 were dropped*");
        _time.GetElapsedTime(first).Should().BeGreaterThan(TimeSpan.FromSeconds(9));

        async Task DropAsync(params string[] texts)
        {
            one.Engine.Refuses = true;
            foreach (var text in texts)
                one.Publish(text);
            await _time.SettleAsync();
            one.Engine.TakeAgain();
            await _time.SettleAsync();
        }
    }

    [Fact]
    public async Task Engine_Throws_IsLoggedWithTheChannel()
    {
        var one = await StartAsync(_network.Add(), "one");
        await one.Until(node => node.Core.Subscriptions[ChannelMap.All].IsProved);

        one.Engine.Throws = new InvalidOperationException("An engine that breaks its contract.");
        one.Publish("a");

        await UntilLogged(one, "BackplanePublishFailed", "*memory*wspumps:all*");
        one.Engine.Throws = null;
    }

    [Fact]
    public async Task Engine_ForgetsTheSubscriptions_TheSilentChannelIsLogged()
    {
        var one = await StartAsync(_network.Add(), "one");
        await one.Until(node => node.Core.Subscriptions[ChannelMap.All].IsProved);

        one.Engine.ForgetSubscriptions();

        await UntilLogged(one, "BackplaneChannelSilent", "*wspumps:all*subscribed to anew*");
    }

    [Fact]
    public async Task Nodes_ComeGoAndVanish_EachIsLogged()
    {
        var one = await StartAsync(_network.Add(), "one");
        var (goes, vanishes) = (await StartAsync(_network.Add(), "goes", log: false), await StartAsync(_network.Add(), "vanishes", log: false));
        await one.UntilTogether(goes, vanishes);

        _nodes.Remove(goes);
        await goes.DisposeAsync();
        await UntilLogged(one, "ClusterNodeLeft", "*goes*");
        _network.Cut(one.Engine, vanishes.Engine);
        await UntilLogged(one, "ClusterNodeVanished", "*vanishes*");

        _log.Named("ClusterNodeJoined").Should().HaveCount(2);
        _log.Named("ClusterNodeLeft").Should().ContainSingle();
        _log.Named("ClusterNodeVanished").Should().ContainSingle();
    }

    [Fact]
    public async Task Messages_AreLost_TheGapIsLoggedWithNodeAndChannel()
    {
        var (one, other) = (await StartAsync(_network.Add(), "one"), await StartAsync(_network.Add(), "other", log: false));
        await one.UntilTogether(other);
        var left = 2;

        one.Engine.Loses = (_, data) => data.Span[3] == (byte)EnvelopeKind.Message && left-- > 0;
        foreach (var text in new[] { "a", "b", "c" })
            other.Publish(text);

        await UntilLogged(one, "ClusterGap", $"2 messages of the server {other.Core.Self.Id} on channel wspumps:all*");
    }

    [Fact]
    public async Task Subscriber_Throws_IsLoggedAndTheNextOneIsTold()
    {
        var one = await StartAsync(_network.Add(), "one");
        one.Core.Events.NodeJoined += _ => throw new InvalidOperationException("A subscriber that fails.");
        var told = 0;
        one.Core.Events.NodeJoined += _ => told++;

        await StartAsync(_network.Add(), "other", log: false);

        await UntilLogged(one, "ClusterSubscriberFailed", "*ClusterNodeEvent*");
        await one.Until(_ => told == 1);
    }

    [Fact]
    public async Task Handler_Throws_IsLoggedWithTheNodeAndTheNextIsCarriedOut()
    {
        var (one, other) = (await StartAsync(_network.Add(), "one"), await StartAsync(_network.Add(), "other", log: false));
        await one.UntilTogether(other);

        one.HandlerThrows = new InvalidOperationException("A message that cannot be carried out.");
        other.Publish("a");
        await UntilLogged(one, "ClusterReceiveFailed", $"*{other.Core.Self.Id}*Message*");
        one.HandlerThrows = null;
        other.Publish("b");

        await one.Until(node => node.Texts.SequenceEqual(["b"]));
    }

    [Fact]
    public async Task Upkeep_Throws_IsLoggedAndGoesOn()
    {
        var one = await StartAsync(_network.Add(), "one");
        await one.Until(node => node.Core.Subscriptions[ChannelMap.All].IsProved);

        one.Core.NodeUpkeep.Load = () => throw new InvalidOperationException("A manager that fails.");
        await UntilLogged(one, "ClusterUpkeepFailed", "*memory*");
        one.Core.NodeUpkeep.Load = () => default;

        var other = await StartAsync(_network.Add(), "other", log: false);
        await other.UntilTogether(one);
    }

    [Fact]
    public async Task Stop_EngineTakesNothing_WhatIsLostIsLogged()
    {
        var one = await StartAsync(_network.Add(), "one");
        await one.Until(node => node.Core.Subscriptions[ChannelMap.All].IsProved);
        one.Engine.Refuses = true;
        one.Publish("a");

        _nodes.Remove(one);
        await one.DisposeAsync();

        _log.Named("ClusterGoodbyeUnsent").Should().ContainSingle().Which.Message.Should().Match("*memory did not take the last*messages*");
    }

    private async Task UntilLogged(TestNode node, string eventName, string message)
    {
        await node.Until(_ => _log.EventNames.Contains(eventName));
        _log.Named(eventName)[0].Message.Should().Match(message);
    }

    private async Task<TestNode> StartAsync(TestBackplane engine, string name, bool log = true, Action<ClusterOptions>? configure = null)
    {
        var node = await TestNode.StartAsync(engine, name, _time, log ? _log : null, configure);
        _nodes.Add(node);
        return node;
    }
}

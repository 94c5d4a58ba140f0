using WsPumps.Testing;

namespace WsPumps.Redis.Tests;

/// <summary>A server of the cluster, or Redis itself, is killed while all write. Nothing here waits for a time: only for what happens.</summary>
public sealed class KillTests : IAsyncLifetime, IDisposable
{
    private readonly List<RedisNode> _nodes = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly List<Task> _writing = [];
    private RedisServer? _redis;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _ended.CancelAsync();
        foreach (var node in _nodes)
            await node.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    public void Dispose() => _ended.Dispose();

    [RedisFact]
    public async Task Node_IsKilledWhileAllWrite_TheOthersHaveAllOfEachOtherAndCountWhatIsMissingOfIt()
    {
        _redis = await RedisServer.StartAsync();
        var (one, two) = (await StartAsync("one"), await StartAsync("two"));
        await RedisNode.UntilTogether(one, two);
        await using var killed = await NodeProcess.StartAsync("killed", _redis.Address);
        foreach (var node in _nodes)
            await node.Until(() => node.Cluster.Nodes.Any(other => other.Id == killed.NodeId));

        BeginToWrite();
        await killed.BeginToWriteAsync();
        foreach (var node in _nodes)
            await node.Until(() => node.Client.Of("killed").Count >= 100);
        var announced = await killed.KillAsync();
        foreach (var node in _nodes)
            await node.Until(() => node.Vanished.Contains("killed"));
        foreach (var node in _nodes)
            await node.UntilHears(100, one, two);
        await EndWritingAsync();

        await RedisNode.AssertNothingIsLostInSilence(one, two);
        foreach (var node in _nodes)
        {
            var (count, last) = node.Client.Of("killed");
            // Its last ones may have died with it: they are in no sum, for nobody knows of them.
            (count + node.MissingFrom(killed.NodeId)).Should().BeInRange(last, announced);
        }
    }

    [RedisTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Redis_IsKilledTwiceWhileAllWrite_AllIsReceivedOrCounted(bool keepsData)
    {
        _redis = await RedisServer.StartAsync(keepsData ? ["--appendonly", "yes"] : []);
        await RedisNode.UntilTogether(await StartAsync("one"), await StartAsync("two"), await StartAsync("three"));
        var nodes = _nodes.ToArray();
        foreach (var node in nodes)
            node.Broadcaster.KeepHistory("room");
        var member = new RecordingClient();
        nodes[0].Broadcaster.Manager.Register(member);
        var position = (await nodes[0].Broadcaster.JoinAsync(member, "room").AsTask().InTime()).Position;

        BeginToWrite();
        for (var i = 0; i < 2; i++)
        {
            foreach (var node in nodes)
                await node.UntilHears(200, nodes);
            await _redis.StopAsync();
            foreach (var node in nodes)
                await node.Until(() => !node.IsConnected);
            var written = nodes.Select(node => node.Written + 50).ToList();
            foreach (var (node, target) in nodes.Zip(written))
                await node.UntilWritten(target);
            await _redis.StartAgainAsync();
            foreach (var node in nodes)
                await node.Until(() => node.IsConnected);
        }

        foreach (var node in nodes)
            await node.UntilHears(200, nodes);
        await EndWritingAsync();

        await RedisNode.AssertNothingIsLostInSilence(nodes);
        (await nodes[1].Broadcaster.JoinAsync(new RecordingClient(), "room", position).AsTask().InTime()).Status
            .Should().Be(keepsData ? HistoryStatus.Complete : HistoryStatus.Gap);
    }

    [RedisFact]
    public async Task Network_IsCutOnBothSides_EachGoesOnAloneAndWhatWasWrittenMeanwhileIsCounted()
    {
        _redis = await RedisServer.StartAsync();
        await using var left = new SwallowingProxy(_redis.Port);
        await using var right = new SwallowingProxy(_redis.Port);
        var (one, two) = (await StartAsync("one", $"127.0.0.1:{left.Port}"), await StartAsync("two", $"127.0.0.1:{right.Port}"));
        await RedisNode.UntilTogether(one, two);

        BeginToWrite();
        await one.UntilHears(200, two);
        await two.UntilHears(200, one);
        (left.Swallows, right.Swallows) = (true, true);
        foreach (var node in _nodes)
        {
            await node.Until(() => !node.IsConnected && node.Cluster.IsAlone && node.Vanished.Count == 1);
            await node.UntilWritten(node.Written + 50);
        }

        (left.Swallows, right.Swallows) = (false, false);
        foreach (var node in _nodes)
            await node.Until(() => node.IsConnected && !node.Cluster.IsAlone);
        await one.UntilHears(200, two);
        await two.UntilHears(200, one);
        await EndWritingAsync();

        await RedisNode.AssertNothingIsLostInSilence(one, two);
        one.MissingFrom(two).Should().BePositive("what was older than the outbox allows was dropped");
        two.MissingFrom(one).Should().BePositive();
    }

    private async Task<RedisNode> StartAsync(string name, string? address = null)
    {
        var node = await RedisNode.StartAsync(
            name,
            address ?? _redis!.Address,
            redis => (redis.ProbeInterval, redis.ProbeTimeout, redis.MaxBackoff, redis.MaxMessagesUnderWay) =
                (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), 100),
            cluster => (cluster.HeartbeatInterval, cluster.NodeTimeout, cluster.MaxOutboxMessages, cluster.MaxOutboxAge) =
                (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(4), 200, TimeSpan.FromMilliseconds(300)));
        _nodes.Add(node);
        return node;
    }

    /// <summary>Each writes as fast as the next follows.</summary>
    private void BeginToWrite()
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            var (node, follower) = (_nodes[i], _nodes[(i + 1) % _nodes.Count]);
            _writing.Add(Task.Run(() => node.WriteOnAsync(follower, _ended.Token)));
        }
    }

    private async Task EndWritingAsync()
    {
        await _ended.CancelAsync();
        foreach (var node in _nodes)
            node.Changed.Set();
        await Task.WhenAll(_writing).InTime();
    }
}

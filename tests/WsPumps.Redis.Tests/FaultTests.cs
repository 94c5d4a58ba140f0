using WsPumps.Testing;

namespace WsPumps.Redis.Tests;

/// <summary>
/// What Redis, the network and other servers can do to a cluster of three, while all of them write. After each, every message has reached the
/// clients of every server, or is counted there as missing.
/// </summary>
public sealed class FaultTests : IAsyncLifetime
{
    private readonly List<RedisNode> _nodes = [];
    private RedisServer _redis = null!;

    public async Task InitializeAsync()
    {
        if (RedisServer.Missing is null)
            _redis = await RedisServer.StartAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    [RedisFact]
    public async Task Redis_StopsAndStarts_NothingIsLostInSilence()
    {
        var nodes = await StartThreeAsync();

        await WhileWritingAsync(nodes, async () =>
        {
            await _redis.StopAsync();
            foreach (var node in nodes)
                await Waiting.Until(() => node.Cluster.Status.State is BackplaneState.Lost);
            await Task.Delay(500);
            await _redis.StartAgainAsync();
            foreach (var node in nodes)
                await Waiting.Until(() => node.Cluster.Status.State is BackplaneState.Connected);
        });

        await RedisNode.AssertNothingIsLostInSilence(nodes);
    }

    [RedisFact]
    public async Task Redis_IsAwayForLongerThanTheOutboxHolds_TheRestIsCountedOnBothSides()
    {
        var nodes = await StartThreeAsync(cluster: options => options.MaxOutboxAge = TimeSpan.FromMilliseconds(500));

        await WhileWritingAsync(nodes, async () =>
        {
            await _redis.StopAsync();
            foreach (var node in nodes)
                await Waiting.Until(() => node.Cluster.Statistics.MessagesDropped > 10);
            await _redis.StartAgainAsync();
            foreach (var node in nodes)
                await Waiting.Until(() => node.Cluster.Status.State is BackplaneState.Connected);
        });

        await RedisNode.AssertNothingIsLostInSilence(nodes);
        nodes[0].MissingFrom(nodes[1]).Should().BeGreaterThanOrEqualTo(nodes[1].Cluster.Statistics.MessagesDropped);
    }

    [RedisFact]
    public async Task Redis_IsStartedAgainEmpty_HistoriesBeginAnewAndMessagesGoOn()
    {
        var nodes = await StartThreeAsync();
        foreach (var node in nodes)
            node.Broadcaster.KeepHistory("room");
        var client = new RecordingClient();
        nodes[0].Broadcaster.Manager.Register(client);
        await nodes[0].Broadcaster.JoinAsync(client, "room");
        nodes[0].Broadcaster.Group("room").Write("before");
        await Waiting.Until(() => client.Writes == 1);
        var position = (await nodes[1].Broadcaster.JoinAsync(new RecordingClient(), "room")).Position;

        await _redis.StopAsync();
        foreach (var node in nodes)
            await Waiting.Until(() => node.Cluster.Status.State is BackplaneState.Lost);
        nodes[0].Broadcaster.Group("room").Write("meanwhile");
        await _redis.StartAgainAsync();
        foreach (var node in nodes)
            await Waiting.Until(() => node.Cluster.Status.State is BackplaneState.Connected);
        await Waiting.Until(() => client.Writes == 2);

        client.WrittenTexts.Should().Equal("before", "meanwhile");
        (await nodes[2].Broadcaster.JoinAsync(new RecordingClient(), "room", position)).Status.Should().Be(HistoryStatus.Gap);
    }

    [RedisTheory]
    [InlineData("pubsub")]
    [InlineData("normal")]
    public async Task Connection_IsKilled_NothingIsLostInSilence(string type)
    {
        var nodes = await StartThreeAsync();

        await WhileWritingAsync(nodes, async () =>
        {
            for (var i = 0; i < 3; i++)
            {
                await _redis.RunAsync("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");
                await Task.Delay(300);
            }
        });

        await RedisNode.AssertNothingIsLostInSilence(nodes);
    }

    [RedisFact]
    public async Task Redis_PausesForTenSeconds_NothingIsLostInSilence()
    {
        var nodes = await StartThreeAsync();

        await WhileWritingAsync(nodes, async () =>
        {
            await _redis.RunAsync("CLIENT", "PAUSE", "10000", "ALL");
            await Waiting.Until(() => nodes.All(node => node.Cluster.Status.State is BackplaneState.Lost));
            await Waiting.Until(() => nodes.All(node => node.Cluster.Status.State is BackplaneState.Connected));
        });

        await RedisNode.AssertNothingIsLostInSilence(nodes);
    }

    [RedisFact]
    public async Task Subscriber_IsCutOffAtItsOutputBuffer_TheLossIsCountedAndItComesBack()
    {
        var nodes = await StartThreeAsync();
        await _redis.RunAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 1mb 1");

        await WhileWritingAsync(nodes, async () =>
        {
            // Ten megabytes for each subscriber at one stroke, before Redis can write any of it.
            await _redis.RunAsync("EVAL", "for i = 1, 100 do redis.call('PUBLISH', 'wspumps:all', string.rep('x', 100000)) end", "0");
            var before = nodes.Select(node => node.Cluster.Statistics.MessagesReceived).ToList();
            await Waiting.Until(() => nodes.Zip(before).All(now => now.First.Cluster.Statistics.MessagesReceived > now.Second + 100));
        });

        await RedisNode.AssertNothingIsLostInSilence(nodes);
        nodes.Should().OnlyContain(node => node.Cluster.Statistics.MessagesIgnored < 100, "Redis has cut it off");
    }

    [RedisFact]
    public async Task Network_SwallowsEverythingWithoutClosing_IsNoticedAndNothingIsLostInSilence()
    {
        await using var proxy = new SwallowingProxy(_redis.Port);
        var behind = await StartAsync("behind", $"127.0.0.1:{proxy.Port}", Quick);
        var before = await StartAsync("before", _redis.Address, Quick);
        await RedisNode.UntilTogether(behind, before);

        await WhileWritingAsync([behind, before], async () =>
        {
            proxy.Swallows = true;
            await Waiting.Until(() => behind.Cluster.Status.State is BackplaneState.Lost);
            await Task.Delay(500);
            proxy.Swallows = false;
            await Waiting.Until(() => behind.Cluster.Status.State is BackplaneState.Connected);
        });

        await RedisNode.AssertNothingIsLostInSilence(behind, before);
    }

    [RedisFact]
    public async Task Groups_AThousandASecondOnEachOfThree_CostNothingAndMessagesArrive()
    {
        var nodes = await StartThreeAsync();
        var clients = nodes.Select(node =>
        {
            var client = new RecordingClient();
            node.Broadcaster.Manager.Register(client);
            return client;
        }).ToList();
        for (var group = 0; group < 1000; group++)
        {
            for (var i = 0; i < nodes.Length; i++)
                nodes[i].Broadcaster.Join(clients[i], $"warm-{group}");
        }

        await UntilAllThreeListenAsync();
        var subscriptions = await SubscribeCallsAsync();

        await WhileWritingAsync(nodes, () =>
        {
            for (var group = 0; group < 3000; group++)
            {
                for (var i = 0; i < nodes.Length; i++)
                {
                    nodes[i].Broadcaster.Join(clients[i], $"room-{group}");
                    if (group >= 10)
                        nodes[i].Broadcaster.Leave(clients[i], $"room-{group - 10}");
                }
            }

            return Task.CompletedTask;
        });
        nodes[0].Broadcaster.Group("room-2999").Write("to the last");

        foreach (var client in clients)
            await Waiting.Until(() => client.WrittenTexts.Contains("to the last"));
        (await SubscribeCallsAsync()).Should().Be(subscriptions);
        await RedisNode.AssertNothingIsLostInSilence(nodes);
    }

    [RedisFact]
    public async Task Memberships_AHundredThousandInTenThousandGroups_CostNoMessageAndNoSubscription()
    {
        var nodes = await StartThreeAsync();
        var clients = nodes.Select(node => Enumerable.Range(0, 1000).Select(_ =>
        {
            var client = new RecordingClient();
            node.Broadcaster.Manager.Register(client);
            return client;
        }).ToList()).ToList();
        for (var i = 0; i < nodes.Length; i++)
        {
            for (var group = 0; group < 1000; group++)
                nodes[i].Broadcaster.Join(clients[i][0], $"warm-{group}");
        }

        await UntilAllThreeListenAsync();
        var before = (await SubscribeCallsAsync(), nodes.Sum(node => node.Cluster.Statistics.MessagesPublished));

        for (var i = 0; i < 100_000; i++)
            nodes[i % 3].Broadcaster.Join(clients[i % 3][((i / 3) + (i / 30_000)) % 1000], $"group-{i % 10_000}");
        nodes[0].Write();
        await nodes[1].Until(() => nodes[1].ReceivedFrom(nodes[0]) == nodes[0].Written);

        nodes.Sum(node => node.Broadcaster.GroupNames.Count).Should().BeGreaterThan(30_000, "each server has members of each group");
        (await SubscribeCallsAsync(), nodes.Sum(node => node.Cluster.Statistics.MessagesPublished) - 1).Should().Be(before);
        var room = await nodes[2].Cluster.CountAsync(nodes[2].Broadcaster.Group("group-7"), Limit.Time);
        room.Value.Should().Be(10);
    }

    [RedisFact]
    public async Task Message_OfAMebibyte_Arrives()
    {
        var nodes = await StartThreeAsync();

        nodes[0].Broadcaster.All.Write(new byte[1024 * 1024]);

        foreach (var node in nodes)
            await Waiting.Until(() => node.Client.Largest == 1024 * 1024);
    }

    [RedisFact]
    public async Task Channel_HasGarbageAndOtherVersions_TheyAreIgnoredAndCounted()
    {
        var nodes = await StartThreeAsync();

        for (var i = 0; i < 10; i++)
        {
            await _redis.RunAsync("PUBLISH", "wspumps:all", $"garbage {i}");
            await _redis.RunAsync("PUBLISH", "wspumps:all", "WP\u0002 of a version to come");
            nodes[0].Write();
        }

        await RedisNode.AssertNothingIsLostInSilence(nodes);
        // The one that wrote waits for nothing of its own, and may not have heard it yet.
        foreach (var node in nodes)
            await node.Until(() => node.Cluster.Statistics.MessagesIgnored == 20);
    }

    [RedisFact]
    public async Task Node_LeavesWhileOthersWrite_NothingIsLostInSilenceAmongTheRest()
    {
        var nodes = await StartThreeAsync();

        await WhileWritingAsync(nodes[..2], async () =>
        {
            await nodes[2].DisposeAsync();
            await Waiting.Until(() => nodes[0].Cluster.Nodes.Count == 2 && nodes[1].Cluster.Nodes.Count == 2);
        });

        await RedisNode.AssertNothingIsLostInSilence(nodes[..2]);
    }

    private static void Quick(RedisBackplaneOptions options) =>
        (options.ProbeInterval, options.ProbeTimeout, options.MaxBackoff) = (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    private static async Task WhileWritingAsync(RedisNode[] nodes, Func<Task> fault)
    {
        using var ended = new CancellationTokenSource();
        var writing = nodes.Select(node => Task.Run(async () =>
        {
            while (!ended.IsCancellationRequested)
            {
                for (var i = 0; i < 5; i++)
                    node.Write();
                await Task.Delay(10);
            }
        })).ToList();
        try
        {
            await Task.Delay(200);
            await fault();
            await Task.Delay(200);
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(writing).InTime();
        }
    }

    /// <summary>Each of the channels of groups has all three servers as its subscribers.</summary>
    private Task UntilAllThreeListenAsync() => Waiting.UntilAsync(async () =>
    {
        var channels = Enumerable.Range(0, 64).Select(number => $"wspumps:g64:{number}").ToArray();
        return (await _redis.RunAsync(["PUBSUB", "NUMSUB", .. channels])).Split('\n').Count(line => line.Trim() == "3") == 64;
    });

    private async Task<string> SubscribeCallsAsync() =>
        (await _redis.RunAsync("INFO", "commandstats")).Split('\n').FirstOrDefault(line => line.StartsWith("cmdstat_subscribe:", StringComparison.Ordinal))?.Split(',')[0] ?? "";

    private async Task<RedisNode[]> StartThreeAsync(Action<ClusterOptions>? cluster = null)
    {
        RedisNode[] nodes =
        [
            await StartAsync("one", _redis.Address, cluster: cluster),
            await StartAsync("two", _redis.Address, cluster: cluster),
            await StartAsync("three", _redis.Address, cluster: cluster),
        ];
        await RedisNode.UntilTogether(nodes);
        return nodes;
    }

    private async Task<RedisNode> StartAsync(string name, string address, Action<RedisBackplaneOptions>? redis = null, Action<ClusterOptions>? cluster = null)
    {
        var node = await RedisNode.StartAsync(name, address, redis ?? Quick, cluster);
        _nodes.Add(node);
        return node;
    }
}

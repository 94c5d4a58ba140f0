using WsPumps.Tests.Clustering;

namespace WsPumps.Redis.Tests;

/// <summary>Sharded pub/sub.</summary>
public sealed class RedisClusterBackplaneTests : BackplaneContractTests
{
    private RedisServer _redis = null!;

    public override async Task InitializeAsync() => _redis = await RedisServer.StartClusterAsync();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis.DisposeAsync();
    }

    protected override IBackplane NewEngine() => Engines.Of(_redis.Address);

    protected override IBackplane NewEngineWithoutServer() => Engines.Of($"127.0.0.1:{ServerProcess.FreePort()}");

    [RedisFact]
    public async Task Publish_RedisIsACluster_GoesOverOneShard()
    {
        var (engine, heard) = await StartAsync();

        await SubscribeAsync(engine, heard, "a");

        (await _redis.RunAsync("PUBSUB", "SHARDNUMSUB", Channel("a"))).TrimEnd().Should().EndWith("1");
    }
}

using WsPumps.Testing;

namespace WsPumps.Redis.Tests;

/// <summary>Sharded pub/sub.</summary>
public sealed class RedisClusterBackplaneTests : IAsyncLifetime
{
    private RedisServer _redis = null!;

    public static TheoryData<string> Checks => [.. BackplaneContract.Checks];

    public async Task InitializeAsync() => _redis = await RedisServer.StartClusterAsync();

    public async Task DisposeAsync() => await _redis.DisposeAsync();

    [RedisTheory]
    [MemberData(nameof(Checks))]
    public async Task Contract_EachCheck_IsKept(string check) =>
        await new BackplaneContract(() => Engines.Of(_redis.Address), Engines.WithoutServer).VerifyAsync(check);

    [RedisFact]
    public async Task Publish_RedisIsACluster_GoesOverOneShard()
    {
        await using var engine = Engines.Of(_redis.Address);
        var heard = await Engines.StartAsync(engine);

        await heard.SubscribeAsync(engine, "a");

        (await _redis.RunAsync("PUBSUB", "SHARDNUMSUB", "a")).TrimEnd().Should().EndWith("1");
    }
}

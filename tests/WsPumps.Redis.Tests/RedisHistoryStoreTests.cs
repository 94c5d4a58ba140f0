using WsPumps.Tests.History;

namespace WsPumps.Redis.Tests;

public sealed class RedisHistoryStoreTests : HistoryStoreContractTests
{
    private RedisServer _redis = null!;
    private RedisBackplane _engine = null!;

    protected override IHistoryStore Store => new RedisHistoryStore(() => _engine.Database, "wspumps");

    public override async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _engine = Engines.Of(_redis.Address);
        await Engines.StartAsync(_engine);
    }

    public override async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [RedisFact]
    public async Task Redis_IsStartedAgainEmpty_TheEpochIsAnother()
    {
        var options = new HistoryOptions();
        var before = await Store.AppendAsync("room", PreparedMessage.Text("before"), options, beginAnew: false, default);

        await _redis.RunAsync("FLUSHALL");

        (await Store.ReadAsync("room", default, options, default)).Epoch.Should().NotBe(before.Epoch);
    }

    [RedisFact]
    public async Task Read_AllIsTooOld_IsEmptyAndTheLastIsKnown()
    {
        var options = new HistoryOptions { Age = TimeSpan.FromSeconds(1) };
        var entry = await Store.AppendAsync("room", PreparedMessage.Text("old"), options, beginAnew: false, default);

        await Waiting.UntilAsync(async () => (await Store.ReadAsync("room", default, options, default)).Entries.Count == 0);

        (await Store.ReadAsync("room", default, options, default)).Last.Should().Be(entry.Offset);
    }

    [RedisFact]
    public async Task Append_KeysOfAGroup_ExpireByThemselves()
    {
        await Store.AppendAsync("room", PreparedMessage.Text("1"), new HistoryOptions(), beginAnew: false, default);

        foreach (var key in (await _redis.RunAsync("KEYS", "*")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            long.Parse(await _redis.RunAsync("PTTL", key), System.Globalization.CultureInfo.InvariantCulture).Should().BePositive();
    }
}

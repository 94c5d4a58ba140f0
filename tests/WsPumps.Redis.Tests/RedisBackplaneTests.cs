using StackExchange.Redis;
using WsPumps.Tests.Clustering;

namespace WsPumps.Redis.Tests;

public sealed class RedisBackplaneTests : BackplaneContractTests
{
    private RedisServer _redis = null!;

    public override async Task InitializeAsync() => _redis = await RedisServer.StartAsync();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _redis.DisposeAsync();
    }

    protected override IBackplane NewEngine() => Engines.Of(_redis.Address);

    protected override IBackplane NewEngineWithoutServer() => Engines.Of($"127.0.0.1:{ServerProcess.FreePort()}");

    [RedisFact]
    public async Task Redis_StopsAndStarts_TheEngineIsConnectedAgainAndSubscribed()
    {
        var (engine, heard) = await StartAsync();
        await SubscribeAsync(engine, heard, "a");

        await _redis.StopAsync();
        await heard.Until(() => heard.Statuses.Last().State is BackplaneState.Lost);
        engine.TryPublish(Channel("a"), new byte[1]).Should().BeFalse();
        await _redis.StartAgainAsync();
        await heard.UntilConnected();

        await SubscribeAsync(engine, heard, "a");
    }

    [RedisFact]
    public async Task Redis_IsStartedLater_TheEngineConnects()
    {
        await _redis.StopAsync();
        await using var engine = NewEngine();
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();
        await heard.Until(() => heard.Statuses.Any(status => status.Error is not null));
        engine.Status.State.Should().Be(BackplaneState.Connecting);

        await _redis.StartAgainAsync();

        await heard.UntilConnected();
        await SubscribeAsync(engine, heard, "a");
    }

    [RedisFact]
    public async Task Publish_MoreThanMayBeUnderWay_IsRefusedAndLaterWritable()
    {
        await using var engine = Engines.Of(_redis.Address, options => options.MaxMessagesUnderWay = 100);
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();
        await heard.UntilConnected();
        await _redis.RunAsync("CLIENT", "PAUSE", "500");

        var taken = 0;
        while (engine.TryPublish(Channel("a"), new byte[10]))
            taken++;

        taken.Should().Be(100);
        await heard.Until(() => heard.TimesWritable > 0);
        engine.TryPublish(Channel("a"), new byte[10]).Should().BeTrue();
    }

    [RedisFact]
    public async Task Multiplexer_OfTheApplication_IsUsedAndLeftOpen()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        var engine = Engines.Of("", options => options.Multiplexer = redis);
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();
        await heard.UntilConnected();
        await SubscribeAsync(engine, heard, "a");

        await engine.DisposeAsync();

        redis.IsConnected.Should().BeTrue();
        await Waiting.UntilAsync(async () => (await _redis.RunAsync("PUBSUB", "NUMSUB", Channel("a"))).TrimEnd().EndsWith('0'));
    }

    [RedisFact]
    public async Task Multiplexer_OfTheApplicationLosesRedis_IsConnectedAgainAndSubscribed()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{_redis.Address},abortConnect=false");
        await using var engine = Engines.Of("", options => options.Multiplexer = redis);
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();
        await heard.UntilConnected();

        await _redis.StopAsync();
        await heard.Until(() => heard.Statuses.Last().State is BackplaneState.Lost);
        await _redis.StartAgainAsync();
        await heard.UntilConnected();

        await SubscribeAsync(engine, heard, "a");
    }
}

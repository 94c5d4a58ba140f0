using System.Reflection;
using StackExchange.Redis;
using WsPumps.Testing;

namespace WsPumps.Redis.Tests;

public sealed class RedisBackplaneTests : IAsyncLifetime
{
    private RedisServer _redis = null!;

    public static TheoryData<string> Checks => [.. BackplaneContract.Checks, .. BackplaneContract.ServerChecks];

    public async Task InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await _redis.DisposeAsync();

    [RedisTheory]
    [MemberData(nameof(Checks))]
    public async Task Contract_EachCheck_IsKept(string check)
    {
        var contract = new BackplaneContract(() => Engines.Of(_redis.Address), Engines.WithoutServer)
        {
            StopServer = _redis.StopAsync,
            StartServer = _redis.StartAgainAsync,
        };

        await contract.VerifyAsync(check);
    }

    [RedisFact]
    public async Task Start_RedisIsNotThere_EachAttemptIsLoggedWithTheWaitForTheNext()
    {
        var log = new LogRecorder();
        await using var engine = Engines.Of($"127.0.0.1:{ServerProcess.FreePort()}", log: log);
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();

        (await log.FirstAsync("RedisWaiting")).Message.Should().Contain("Next attempt in");
        await heard.UntilAsync(() => heard.Statuses.Count >= 2);
        heard.Statuses.Should().OnlyContain(status => status.State == BackplaneState.Connecting && status.Error != null);
    }

    [RedisFact]
    public async Task Start_RedisIsNotThere_TheErrorNamesTheAddressesAndNoSecret()
    {
        var (one, two) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        await using var engine = Engines.Of($"127.0.0.1:{one},127.0.0.1:{two},user=somebody,password=secret");
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();

        await heard.UntilAsync(() => heard.Statuses.Count > 0);
        heard.Statuses[0].Error.Should().Be($"no connection to 127.0.0.1:{one}, 127.0.0.1:{two} (UnableToConnect)");
    }

    [RedisFact]
    public async Task Start_PasswordIsWrong_TheErrorNamesTheAddressAndWhatRedisSaysWithoutThePassword()
    {
        await _redis.RunAsync("CONFIG", "SET", "requirepass", "right");
        await using var engine = Engines.Of($"{_redis.Address},user=somebody,password=secret");
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();

        await heard.UntilAsync(() => heard.Statuses.Count > 0);
        heard.Statuses[0].Error.Should().Match($"no connection to {_redis.Address} (AuthenticationFailure: *)")
            .And.NotContainAny("secret", "somebody", "abortConnect");
    }

    [RedisFact]
    public async Task Watch_RedisAnswersNoMore_TheErrorNamesTheAddress()
    {
        await using var engine = Engines.Of(_redis.Address, options => options.ProbeInterval = options.ProbeTimeout = TimeSpan.FromMilliseconds(500));
        var heard = await Engines.StartAsync(engine);

        await _redis.RunAsync("CLIENT", "PAUSE", "5000", "ALL");

        await heard.UntilAsync(() => heard.Statuses.Any(status => status.State is BackplaneState.Lost));
        heard.Statuses.First(status => status.State is BackplaneState.Lost).Error.Should().Be($"no answer from {_redis.Address} in time");
    }

    [RedisFact]
    public async Task Publish_MoreThanMayBeUnderWay_IsRefusedAndLaterWritable()
    {
        await using var engine = Engines.Of(_redis.Address, options => options.MaxMessagesUnderWay = 100);
        var heard = await Engines.StartAsync(engine);
        await _redis.RunAsync("CLIENT", "PAUSE", "500");

        var taken = 0;
        while (engine.TryPublish("a", new byte[10]))
            taken++;

        taken.Should().Be(100);
        await heard.UntilAsync(() => heard.TimesWritable > 0);
        engine.TryPublish("a", new byte[10]).Should().BeTrue();
    }

    [RedisFact]
    public async Task Multiplexer_OfTheApplication_IsUsedAndLeftOpen()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        var engine = Engines.Of("", options => options.Multiplexer = redis);
        var heard = await Engines.StartAsync(engine);
        await heard.SubscribeAsync(engine, "a");

        await engine.DisposeAsync();

        redis.IsConnected.Should().BeTrue();
        await Waiting.UntilAsync(async () => (await _redis.RunAsync("PUBSUB", "NUMSUB", "a")).TrimEnd().EndsWith('0'));
    }

    [RedisFact]
    public async Task Dispose_MultiplexerOfTheApplicationIsDisposedOfAlready_Ends()
    {
        var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        var engine = Engines.Of("", options => options.Multiplexer = redis);
        await engine.StartAsync(new RecordingReceiver(), CancellationToken.None).InTime();
        await Waiting.Until(() => engine.Status.State is BackplaneState.Connected);
        await redis.DisposeAsync();

        await engine.DisposeAsync().InTime();
    }

    [RedisFact]
    public async Task Multiplexer_OfTheApplicationIsDisposedOf_ItIsTriedAgainAndTheErrorNamesTheAddress()
    {
        var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        await using var engine = Engines.Of("", options => (options.Multiplexer, options.ProbeInterval) = (redis, TimeSpan.FromMilliseconds(100)));
        var heard = await Engines.StartAsync(engine);

        await redis.DisposeAsync();

        await heard.UntilAsync(() => heard.Statuses.Count(status => status.Error is { } error && error.Contains(_redis.Address, StringComparison.Ordinal)) >= 3);
    }

    [RedisFact]
    public async Task Dispose_TheDriverThrowsAtTheSameMoment_Ends()
    {
        var redis = DispatchProxy.Create<IConnectionMultiplexer, ThrowingMultiplexer>();
        var engine = Engines.Of("", options => options.Multiplexer = redis);
        var disposing = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        ((ThrowingMultiplexer)(object)redis).Asked = () => disposing.TrySetResult(engine.DisposeAsync().AsTask());
        await engine.StartAsync(new RecordingReceiver(), CancellationToken.None).InTime();

        var dispose = async () => await (await disposing.Task.InTime()).InTime();

        await dispose.Should().NotThrowAsync();
    }

    [RedisFact]
    public async Task Multiplexer_OfTheApplicationLosesRedis_IsConnectedAgainAndSubscribed()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{_redis.Address},abortConnect=false");
        await using var engine = Engines.Of("", options => options.Multiplexer = redis);
        var heard = await Engines.StartAsync(engine);

        await _redis.StopAsync();
        await heard.UntilAsync(() => heard.State is BackplaneState.Lost);
        await _redis.StartAgainAsync();
        await heard.UntilConnectedAsync();

        await heard.SubscribeAsync(engine, "a");
    }

    [RedisFact]
    public async Task Multiplexer_OfTheApplicationTellsNoAddress_IsTriedAgain()
    {
        var redis = DispatchProxy.Create<IConnectionMultiplexer, ThrowingMultiplexer>();
        var heard = new RecordingReceiver();
        await using var engine = Engines.Of("", options => options.Multiplexer = redis);
        await engine.StartAsync(heard, CancellationToken.None).InTime();

        await heard.UntilAsync(() => heard.Statuses.Count >= 2);

        heard.Statuses.Should().OnlyContain(status => status.Error!.Contains("the multiplexer of the application"));
    }

    public class ThrowingMultiplexer : DispatchProxy
    {
        public Action Asked { get; set; } = () => { };

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name != nameof(IConnectionMultiplexer.GetSubscriber))
                return null;

            Asked();
            throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, "no");
        }
    }
}

using System.Text;

namespace WsPumps.Tests.Clustering;

/// <summary>What every engine must do. One class for each derives from it.</summary>
public abstract class BackplaneContractTests : IAsyncLifetime
{
    private readonly List<IBackplane> _engines = [];
    private readonly string _prefix = $"contract-{Guid.NewGuid():N}";

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        foreach (var engine in _engines)
            await engine.DisposeAsync();
    }

    /// <summary>A new engine, connected to the same server as the others of this test.</summary>
    protected abstract IBackplane NewEngine();

    /// <summary>A new engine for a server that is not there.</summary>
    protected abstract IBackplane NewEngineWithoutServer();

    [BackplaneFact]
    public async Task Publish_EngineWithInterest_ReceivesIt()
    {
        var (one, _) = await StartAsync();
        var (other, heard) = await StartAsync();
        await SubscribeAsync(other, heard, "a");

        one.TryPublish(Channel("a"), Bytes("hello")).Should().BeTrue();

        var (channel, data) = await NextAsync(heard);
        channel.Should().Be(Channel("a"));
        Encoding.UTF8.GetString(data).Should().Be("hello");
    }

    [BackplaneFact]
    public async Task Publish_OwnChannel_ComesBack()
    {
        var (engine, heard) = await StartAsync();
        await SubscribeAsync(engine, heard, "a");

        engine.TryPublish(Channel("a"), Bytes("to myself"));

        Encoding.UTF8.GetString((await NextAsync(heard)).Data).Should().Be("to myself");
    }

    [BackplaneFact]
    public async Task Publish_Thousands_ArriveInOrder()
    {
        const int Count = 5000;
        var (one, told) = await StartAsync();
        var (other, heard) = await StartAsync();
        await SubscribeAsync(other, heard, "a");

        for (var i = 0; i < Count; i++)
        {
            while (!one.TryPublish(Channel("a"), Bytes($"{i}")))
            {
                var before = told.TimesWritable;
                await Task.WhenAny(told.Until(() => told.TimesWritable > before), Task.Delay(20));
            }
        }

        for (var i = 0; i < Count; i++)
            Encoding.UTF8.GetString((await NextAsync(heard)).Data).Should().Be($"{i}");
    }

    [BackplaneFact]
    public async Task Publish_AMebibyte_ArrivesWhole()
    {
        var (one, _) = await StartAsync();
        var (other, heard) = await StartAsync();
        await SubscribeAsync(other, heard, "a");
        var data = new byte[1024 * 1024 - 512];
        new Random(1).NextBytes(data);

        one.TryPublish(Channel("a"), data).Should().BeTrue();

        (await NextAsync(heard)).Data.Should().Equal(data);
    }

    [BackplaneFact]
    public async Task Publish_EmptyAndEveryByte_ArriveAsTheyAre()
    {
        var (one, heard) = await StartAsync();
        await SubscribeAsync(one, heard, "a");
        var every = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();

        one.TryPublish(Channel("a"), every);
        one.TryPublish(Channel("a"), ReadOnlyMemory<byte>.Empty);

        (await NextAsync(heard)).Data.Should().Equal(every);
        (await NextAsync(heard)).Data.Should().BeEmpty();
    }

    [BackplaneFact]
    public async Task SetInterest_Off_NothingComesAnyMore()
    {
        var (one, _) = await StartAsync();
        var (other, heard) = await StartAsync();
        await SubscribeAsync(other, heard, "a");
        await SubscribeAsync(other, heard, "b");

        other.SetInterest(Channel("a"), false);
        await UntilQuietAsync(one, heard, "a");
        one.TryPublish(Channel("a"), Bytes("not wanted"));
        one.TryPublish(Channel("b"), Bytes("wanted"));

        var (channel, data) = await NextAsync(heard);
        channel.Should().Be(Channel("b"));
        Encoding.UTF8.GetString(data).Should().Be("wanted");
    }

    [BackplaneFact]
    public async Task SetInterest_OffAndOn_IsOn()
    {
        var (engine, heard) = await StartAsync();
        await SubscribeAsync(engine, heard, "a");

        engine.SetInterest(Channel("a"), false);
        engine.SetInterest(Channel("a"), true);

        await SubscribeAsync(engine, heard, "a");
    }

    [BackplaneFact]
    public async Task SetInterest_ManyChannels_EachIsHeard()
    {
        var (engine, heard) = await StartAsync();
        var channels = Enumerable.Range(0, 100).Select(i => $"many-{i}").ToList();
        foreach (var channel in channels)
            engine.SetInterest(Channel(channel), true);

        foreach (var channel in channels)
            await SubscribeAsync(engine, heard, channel);
    }

    [BackplaneFact]
    public async Task Start_ServerIsThere_SaysConnected()
    {
        var (engine, heard) = await StartAsync();

        engine.Status.State.Should().Be(BackplaneState.Connected);
        engine.Status.Error.Should().BeNull();
        heard.Statuses.Last().State.Should().Be(BackplaneState.Connected);
    }

    [BackplaneFact]
    public async Task Start_ServerIsNotThere_CompletesAndSaysWhy()
    {
        var engine = NewEngineWithoutServer();
        _engines.Add(engine);
        var heard = new RecordingReceiver();

        await engine.StartAsync(heard, CancellationToken.None).InTime();
        engine.SetInterest(Channel("a"), true);

        engine.TryPublish(Channel("a"), Bytes("lost")).Should().BeFalse();
        await heard.Until(() => heard.Statuses.Any(status => status.Error is not null));
        engine.Status.State.Should().NotBe(BackplaneState.Connected);
        engine.Status.Error.Should().NotBeNullOrEmpty();
    }

    [BackplaneFact]
    public async Task Dispose_Twice_IsHarmless()
    {
        var (engine, _) = await StartAsync();

        await engine.DisposeAsync();
        await engine.DisposeAsync();

        engine.TryPublish(Channel("a"), Bytes("late")).Should().BeFalse();
    }

    private protected async Task<(IBackplane Engine, RecordingReceiver Heard)> StartAsync()
    {
        var engine = NewEngine();
        _engines.Add(engine);
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();
        await heard.UntilConnected();
        return (engine, heard);
    }

    private protected string Channel(string name) => $"{_prefix}:{name}";

    /// <summary>Switches interest on, and waits until what is published comes.</summary>
    private protected async Task SubscribeAsync(IBackplane engine, RecordingReceiver heard, string channel)
    {
        engine.SetInterest(Channel(channel), true);
        var probe = $"probe-{Guid.NewGuid():N}";
        using var limit = new CancellationTokenSource(Limit.Time);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            engine.TryPublish(Channel(channel), Bytes(probe));
            await Task.Delay(10, limit.Token);
            while (heard.TryNext(out var message))
            {
                if (message.Channel == Channel(channel) && Encoding.UTF8.GetString(message.Data) == probe)
                    return;
            }
        }
    }

    /// <summary>The next message that is no probe which came late.</summary>
    private protected static async Task<(string Channel, byte[] Data)> NextAsync(RecordingReceiver heard)
    {
        while (true)
        {
            var message = await heard.NextAsync();
            if (!Encoding.UTF8.GetString(message.Data).StartsWith("probe-", StringComparison.Ordinal))
                return message;
        }
    }

    /// <summary>Waits until nothing of what is published on the channel comes, and has taken what came until then.</summary>
    private async Task UntilQuietAsync(IBackplane publisher, RecordingReceiver heard, string channel)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        bool hasCome;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            publisher.TryPublish(Channel(channel), Bytes("probe-quiet"));
            await Task.Delay(50, limit.Token);
            hasCome = false;
            while (heard.TryNext(out _))
                hasCome = true;
        }
        while (hasCome);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

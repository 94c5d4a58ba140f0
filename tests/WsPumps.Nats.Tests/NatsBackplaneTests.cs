using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Tests.Clustering;

namespace WsPumps.Nats.Tests;

public sealed class NatsBackplaneTests : BackplaneContractTests
{
    private NatsServer _nats = null!;

    public override async Task InitializeAsync() => _nats = await NatsServer.StartAsync();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _nats.DisposeAsync();
    }

    protected override IBackplane NewEngine() => EngineOf(_nats.Url);

    protected override IBackplane NewEngineWithoutServer() => EngineOf($"nats://127.0.0.1:{ServerProcess.FreePort()}");

    [NatsFact]
    public async Task Nats_StopsAndStarts_TheEngineIsConnectedAgainAndSubscribed()
    {
        var (engine, heard) = await StartAsync();
        await SubscribeAsync(engine, heard, "a");

        await _nats.StopAsync();
        await heard.Until(() => heard.Statuses.Last().State is BackplaneState.Lost);
        engine.TryPublish(Channel("a"), new byte[1]).Should().BeFalse();
        await _nats.StartAgainAsync();
        await heard.UntilConnected();

        await SubscribeAsync(engine, heard, "a");
    }

    [NatsFact]
    public async Task Nats_IsStartedLater_TheEngineConnects()
    {
        await _nats.StopAsync();
        await using var engine = NewEngine();
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();
        await heard.Until(() => heard.Statuses.Any(status => status.Error is not null));

        await _nats.StartAgainAsync();

        await heard.UntilConnected();
        await SubscribeAsync(engine, heard, "a");
    }

    [NatsFact]
    public async Task Publish_LargerThanTheServerTakes_IsLostAndTheConnectionStays()
    {
        var (engine, heard) = await StartAsync();
        await SubscribeAsync(engine, heard, "a");

        engine.TryPublish(Channel("a"), new byte[2 * 1024 * 1024]).Should().BeTrue();
        engine.TryPublish(Channel("a"), new byte[] { 7 }).Should().BeTrue();

        (await NextAsync(heard)).Data.Should().Equal(7);
        engine.Status.State.Should().Be(BackplaneState.Connected);
    }

    internal static NatsBackplane EngineOf(string url) => new(new NatsBackplaneOptions { Url = url }, NullLogger<NatsBackplane>.Instance);
}

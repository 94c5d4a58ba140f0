using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Testing;

namespace WsPumps.Nats.Tests;

public sealed class NatsBackplaneTests : IAsyncLifetime
{
    private NatsServer _nats = null!;

    public static TheoryData<string> Checks => [.. BackplaneContract.Checks, .. BackplaneContract.ServerChecks];

    public async Task InitializeAsync() => _nats = await NatsServer.StartAsync();

    public async Task DisposeAsync() => await _nats.DisposeAsync();

    [NatsTheory]
    [MemberData(nameof(Checks))]
    public async Task Contract_EachCheck_IsKept(string check)
    {
        var contract = new BackplaneContract(() => EngineOf(_nats.Url), () => EngineOf($"nats://127.0.0.1:{ServerProcess.FreePort()}"))
        {
            StopServer = _nats.StopAsync,
            StartServer = _nats.StartAgainAsync,
        };

        await contract.VerifyAsync(check);
    }

    [Fact]
    public async Task Start_NatsIsNotThere_TheErrorNamesTheAddressesAndNoSecret()
    {
        var (one, two) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        await using var engine = EngineOf($"nats://somebody:secret@127.0.0.1:{one},nats://127.0.0.1:{two}");
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();

        await heard.UntilAsync(() => heard.Statuses.Any(status => status.Error is { } error && error.Contains(',', StringComparison.Ordinal)));
        heard.Statuses.Select(status => status.Error).Should()
            .Contain($"no connection to 127.0.0.1:{one}, 127.0.0.1:{two}").And.NotContain(error => error!.Contains("somebody") || error.Contains("secret"));
    }

    [NatsFact]
    public async Task Server_StopsAndStaysAway_TheErrorsNameItsAddressAndNoSecret()
    {
        await using var engine = EngineOf($"nats://somebody:secret@127.0.0.1:{_nats.Port}");
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();
        await heard.UntilConnectedAsync();

        await _nats.StopAsync();

        await heard.UntilAsync(() => heard.Statuses.Count >= 3);
        heard.Statuses.Skip(1).Select(status => status.Error).Take(2).Should()
            .Equal($"the connection to 127.0.0.1:{_nats.Port} has ended", $"no connection to 127.0.0.1:{_nats.Port}");
    }

    [NatsFact]
    public async Task Publish_LargerThanTheServerTakes_IsLostAndTheConnectionStays()
    {
        var log = new LogRecorder();
        await using var engine = EngineOf(_nats.Url, log);
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();
        await heard.UntilConnectedAsync();
        await heard.SubscribeAsync(engine, "a");

        engine.TryPublish("a", new byte[2 * 1024 * 1024]).Should().BeTrue();
        engine.TryPublish("a", new byte[] { 7 }).Should().BeTrue();

        (await heard.NextAsync()).Data.ToArray().Should().Equal(7);
        engine.Status.State.Should().Be(BackplaneState.Connected);
        log.EventNames.Should().Equal("NatsMessageTooLarge");
    }

    [Fact]
    public async Task Publish_ServerReadsNothing_WhatWaitsIsGivenUpAndLogged()
    {
        var log = new LogRecorder();
        await using var server = new DeafServer();
        await using var engine = new NatsBackplane(
            new NatsBackplaneOptions { Url = server.Url, Configure = options => options with { CommandTimeout = TimeSpan.FromMilliseconds(200) } }, LoggerOf(log));
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();
        await heard.UntilConnectedAsync();
        var large = new byte[1024 * 1024];

        // The buffers of both sides take some before one has to wait.
        await Waiting.Until(() => !engine.TryPublish("a", large) && log.Named("NatsPublishFailed").Count > 0);

        log.Named("NatsPublishFailed")[0].Message.Should().StartWith("A message could not be handed to NATS: ");
    }

    internal static NatsBackplane EngineOf(string url, LogRecorder? log = null) =>
        new(new NatsBackplaneOptions { Url = url }, log is null ? NullLogger<NatsBackplane>.Instance : LoggerOf(log));

    private static ILogger<NatsBackplane> LoggerOf(LogRecorder log) =>
        LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log.Provider)).CreateLogger<NatsBackplane>();
}

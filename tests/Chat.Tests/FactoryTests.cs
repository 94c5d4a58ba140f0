using System.Diagnostics;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Chat.Tests;

/// <summary>The program under a factory alone, with the sockets of its own test server.</summary>
public sealed class FactoryTests
{
    private static readonly TimeSpan CloseTimeout = new WsPumps.WebSocketPumpsOptions().CloseTimeout;

    [Fact]
    public async Task Dispose_SocketIsOpenAndNobodyReadsIt_IsNotWaitedFor()
    {
        var factory = new WebApplicationFactory<Program>();
        using var socket = await factory.Server.CreateWebSocketClient().ConnectAsync(new Uri("ws://localhost/chat"), CancellationToken.None).InTime();
        var watch = Stopwatch.StartNew();

        await factory.DisposeAsync().InTime();

        watch.Elapsed.Should().BeLessThan(CloseTimeout / 2);
    }

    /// <summary>As it stands in docs/testing.md, with a peer for which the clock would have to be moved.</summary>
    [Fact]
    public async Task Dispose_PeerAnswersNoClose_ClockIsNotNeeded()
    {
        await using var host = new PumpsTestHost();
        var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host.AddTo);
        factory.StartServer();
        var rude = await host.ConnectAsync(new PeerOptions { Path = "/chat", AnswersCloses = false }).InTime();
        var watch = Stopwatch.StartNew();

        await factory.DisposeAsync().InTime();

        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20), "the host would give up after 30");
        (await rude.ExpectEndAsync().InTime()).WasReset.Should().BeTrue();
    }
}

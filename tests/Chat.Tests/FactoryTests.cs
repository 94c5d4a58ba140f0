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
}

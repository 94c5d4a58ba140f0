namespace WsPumps.Samples.Tests;

public sealed class FrozenServerTests
{
    private const int Peers = 100;

    /// <summary>A process that is stopped and goes on, as one on a machine that slept. The pongs of its peers wait in the kernel meanwhile.</summary>
    [Fact]
    [Trait("Category", "Stress")]
    public async Task Server_StoppedForThreePongWaits_KeepsAllItsPeers()
    {
        await using var echo = await SampleProcess.StartAsync("Echo", arguments: ["--WebSocketPumps:PingInterval=00:00:01", "--WebSocketPumps:PongTimeout=00:00:02"]);
        var sockets = await Task.WhenAll(Enumerable.Range(0, Peers).Select(_ => Socket.OpenAsync(echo, "/echo")));
        // Whoever receives answers pings.
        var echoes = sockets.Select(socket => socket.ReceiveTextAsync()).ToList();
        await Task.Delay(TimeSpan.FromSeconds(1.5));

        echo.Freeze();
        await Task.Delay(TimeSpan.FromSeconds(6));
        echo.Thaw();
        await Task.Delay(TimeSpan.FromSeconds(4));

        foreach (var socket in sockets)
            await socket.SendAsync("still there");
        (await Task.WhenAll(echoes)).Should().OnlyContain(text => text == "still there");
        foreach (var socket in sockets)
            socket.Dispose();
    }
}

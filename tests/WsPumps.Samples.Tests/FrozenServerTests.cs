namespace WsPumps.Samples.Tests;

public sealed class FrozenServerTests
{
    private const int Peers = 100;

    /// <summary>A process that is stopped and goes on, as one on a machine that slept. The pongs of its peers wait in the kernel meanwhile.</summary>
    [Fact]
    [Trait("Category", "Stress")]
    public async Task Server_StoppedForLongerThanThePongWait_KeepsPeersThatHaveAnswered()
    {
        await using var echo = await SampleProcess.StartAsync("Echo", arguments: ["--WebSocketPumps:PingInterval=00:00:01", "--WebSocketPumps:PongTimeout=00:00:06"]);
        var sockets = await Task.WhenAll(Enumerable.Range(0, Peers).Select(_ => Socket.OpenAsync(echo, "/echo")));
        // By then each has been asked and none has answered: nobody receives yet.
        await Task.Delay(TimeSpan.FromSeconds(2.5));

        echo.Freeze();
        var echoes = sockets.Select(socket => socket.ReceiveTextAsync()).ToList();
        await Task.Delay(TimeSpan.FromSeconds(10));
        echo.Thaw();
        await Task.Delay(TimeSpan.FromSeconds(4));

        foreach (var socket in sockets)
            await socket.SendAsync("still there");
        (await Task.WhenAll(echoes)).Should().OnlyContain(text => text == "still there");
        foreach (var socket in sockets)
            socket.Dispose();
    }
}

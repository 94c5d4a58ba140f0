namespace WsPumps.Samples.Tests;

public sealed class FrozenServerTests
{
    private const int Peers = 100;

    /// <summary>
    /// A process that is stopped and goes on, as one on a machine that slept. Its peers answer only after that: who is charged for the time in which
    /// the process did not run has none left for it.
    /// </summary>
    [Fact]
    [Trait("Category", "Stress")]
    public async Task Server_StoppedForLongerThanThePongWait_PeersHaveTheRestOfTheirTime()
    {
        await using var echo = await SampleProcess.StartAsync("Echo", arguments: ["--WebSocketPumps:PingInterval=00:00:01", "--WebSocketPumps:PongTimeout=00:00:15"]);
        var sockets = await Task.WhenAll(Enumerable.Range(0, Peers).Select(_ => Socket.OpenAsync(echo, "/echo")));
        // By then each has been asked and none has answered: nobody receives yet.
        await Task.Delay(TimeSpan.FromSeconds(2.5));

        echo.Freeze();
        await Task.Delay(TimeSpan.FromSeconds(18));
        echo.Thaw();
        // Long enough for the server to look at them several times.
        await Task.Delay(TimeSpan.FromSeconds(3));
        var echoes = sockets.Select(socket => socket.ReceiveTextAsync()).ToList();

        foreach (var socket in sockets)
            await socket.SendAsync("still there");
        (await Task.WhenAll(echoes)).Should().OnlyContain(text => text == "still there");
        foreach (var socket in sockets)
            socket.Dispose();
    }

    /// <summary>The other way: what has come meanwhile waits in the kernel, and is read before anybody is judged.</summary>
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

using System.Net.WebSockets;

namespace WsPumps.Samples.Tests;

public sealed class SigtermTests
{
    [Fact]
    public Task Sigterm_ManyConnections_AllAreTold1001() => RunAsync(connections: 200);

    [Fact]
    [Trait("Category", "Stress")]
    public Task Sigterm_ThousandsOfConnections_AllAreTold1001() => RunAsync(connections: 2000);

    private static async Task RunAsync(int connections)
    {
        await using var echo = await SampleProcess.StartAsync("Echo");
        var sockets = new Socket[connections];
        await Parallel.ForAsync(0, connections, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) => sockets[i] = await Socket.OpenAsync(echo, "/echo"));
        var closing = sockets.Select(socket => socket.ReceiveCloseAsync()).ToList();

        // Within the limit of a test, which is about the host's own.
        await echo.TerminateAsync();

        (await Task.WhenAll(closing)).Should().OnlyContain(status => status == WebSocketCloseStatus.EndpointUnavailable);
        foreach (var socket in sockets)
            socket.Dispose();
    }
}

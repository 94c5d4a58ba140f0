namespace WsPumps.Core.Tests.Diagnostics;

public sealed class ApplicationCountersTests
{
    [Fact]
    public async Task Read_TheConnectionRestsBetweenItsPings_IsATickOldAtMost()
    {
        using var factory = new MeterFactory();
        var metrics = new PumpsMetrics(factory);
        await using var host = new ClientTestHost(
            (webSocket, time) => new Client(webSocket, new ClientSettings { TimeProvider = time, Metrics = metrics }),
            handlers: [(_, _, _) => default]);
        var peer = await host.ConnectAsync();
        await host.Time.AdvanceAsync(TimeSpan.FromSeconds(3));
        var before = metrics.Totals.MessagesReceived;

        for (var i = 1; i <= 5; i++)
        {
            await peer.SendAsync("hello");
            await host.Time.AdvanceAsync(TimeSpan.FromSeconds(1));
            metrics.Totals.MessagesReceived.Should().Be(before + i);
        }
    }
}

using WsPumps;

namespace Ticker;

/// <summary>Tells each page, over its fast connection, what the server knows about all of its connections.</summary>
internal sealed class StatisticsFeed(Broadcaster broadcaster, TimeProvider? time = null) : BackgroundService
{
    public const string Panel = "fast";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time ?? TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var client in broadcaster.Manager.Clients)
                    Tell(client);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private void Tell(IClient client)
    {
        var viewer = Viewer.Of(client);
        var options = new MessageOptions { ConflationKey = client.Id };
        var message = PreparedMessage.Json(viewer.Describe(client), TickerJson.Default.Statistics).With(options);
        broadcaster.Group(viewer.View).Local.Where(other => Viewer.Of(other).Panel == Panel).Write(message);
    }
}

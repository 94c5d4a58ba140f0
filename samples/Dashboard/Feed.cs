using WsPumps;

namespace Dashboard;

/// <summary>Something to show: prices, ten times a second, to whoever wants them.</summary>
internal sealed class Feed(Broadcaster everybody) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var symbol = Symbols.All[Random.Shared.Next(Symbols.All.Length)];
            // Padded, so that a visitor who does not read fills its queue in minutes.
            everybody.Group(symbol).Write($"{symbol} {Random.Shared.Next(1_000, 2_000) / 10.0:F1} {new string('.', Random.Shared.Next(4_000))}");
        }
    }
}

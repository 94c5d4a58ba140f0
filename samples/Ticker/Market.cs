using WsPumps;

namespace Ticker;

/// <summary>Makes prices, twenty times a second, and tells everybody: each is encoded once for all, and nobody is waited for.</summary>
internal sealed class Market(Broadcaster broadcaster, TimeProvider? time = null) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Stock[] _stocks = [.. new[] { "ACME", "BOLT", "CORE", "DUNE", "ECHO", "FLUX", "GRID", "HALO", "IRIS", "JADE" }.Select(symbol => new Stock(symbol))];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var stock in _stocks)
                    broadcaster.All.Write(stock.Next(_time.GetUtcNow()));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private sealed class Stock(string symbol)
    {
        /// <summary>A newer price of the same symbol may take the place of one that still waits. The same object serves all of them.</summary>
        private readonly MessageOptions _options = new() { ConflationKey = symbol };

        private decimal _price = Random.Shared.Next(80, 160);

        public PreparedMessage Next(DateTimeOffset now)
        {
            var change = (decimal)(Random.Shared.NextDouble() - 0.5) * 0.4m;
            _price = Math.Round(Math.Clamp(_price + change, 10, 500), 2);
            return PreparedMessage.Json(new Price(symbol, _price, now.ToUnixTimeMilliseconds()), TickerJson.Default.Price).With(_options);
        }
    }
}

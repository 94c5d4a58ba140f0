using System.Collections.Concurrent;

namespace Chat;

/// <summary>
/// For the button "Pull the cable". A page cannot do that by itself: whatever ends its WebSocket says goodbye. Here the connection breaks without
/// a word, and for some seconds no other one comes about.
/// </summary>
internal sealed class Cables(TimeProvider time)
{
    private static readonly TimeSpan Pulled = TimeSpan.FromSeconds(4);

    private readonly ConcurrentDictionary<string, HttpContext> _plugged = new();
    private readonly ConcurrentDictionary<string, ITimer> _pulled = new();

    /// <summary>Middleware for the connections of pages, which have their key in the address.</summary>
    public async Task WatchAsync(HttpContext http, RequestDelegate next)
    {
        var page = http.Request.Query["page"].ToString();
        if (_pulled.ContainsKey(page))
        {
            http.Abort();
            return;
        }

        _plugged[page] = http;
        try
        {
            await next(http);
        }
        finally
        {
            _plugged.TryRemove(KeyValuePair.Create(page, http));
        }
    }

    public void Pull(string page)
    {
        if (!_plugged.TryGetValue(page, out var http))
            return;

        var timer = time.CreateTimer(_ => Plug(page), null, Pulled, Timeout.InfiniteTimeSpan);
        if (!_pulled.TryAdd(page, timer))
            timer.Dispose();
        http.Abort();
    }

    private void Plug(string page)
    {
        if (_pulled.TryRemove(page, out var timer))
            timer.Dispose();
    }
}

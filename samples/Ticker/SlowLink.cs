using System.Globalization;
using Microsoft.AspNetCore.Http.Features;

namespace Ticker;

/// <summary>
/// Gives a connection that asks for it, with <c>?link=2000</c>, a bad network of so many bytes a second: the stream under its WebSocket
/// takes no more. Everything above meets what it would meet with a phone in a tunnel. Only for HTTP/1.1, as this sample is served.
/// </summary>
internal sealed class SlowLink(RequestDelegate next)
{
    private const int Slowest = 500;

    public Task InvokeAsync(HttpContext http)
    {
        if (int.TryParse(http.Request.Query["link"], CultureInfo.InvariantCulture, out var rate) && http.Features.Get<IHttpUpgradeFeature>() is { } upgrade)
            http.Features.Set<IHttpUpgradeFeature>(new SlowUpgrade(upgrade, Math.Max(rate, Slowest)));
        return next(http);
    }

    private sealed class SlowUpgrade(IHttpUpgradeFeature inner, int bytesPerSecond) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => inner.IsUpgradableRequest;

        public async Task<Stream> UpgradeAsync() => new SlowStream(await inner.UpgradeAsync(), bytesPerSecond);
    }
}

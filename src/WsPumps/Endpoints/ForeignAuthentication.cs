using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace WsPumps.Endpoints;

/// <summary>
/// Closes a client that was written from scratch when its user's authentication expires. A timer of its own is what that costs;
/// <see cref="Client"/> is asked by the heartbeat of all.
/// </summary>
internal sealed partial class ForeignAuthentication : IAsyncDisposable
{
    /// <summary>As far as a timer can count.</summary>
    private static readonly TimeSpan Furthest = TimeSpan.FromDays(49);

    private readonly IClient _client;
    private readonly ILogger _logger;
    private readonly ITimer _timer;

    public ForeignAuthentication(IClient client, DateTimeOffset expiresAt, TimeProvider time, ILogger logger)
    {
        _client = client;
        _logger = logger;
        var left = expiresAt - time.GetUtcNow();
        _timer = time.CreateTimer(
            static authentication => _ = ((ForeignAuthentication)authentication!).CloseAsync(),
            this,
            left < TimeSpan.Zero ? TimeSpan.Zero : left > Furthest ? Furthest : left,
            Timeout.InfiniteTimeSpan);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    /// <summary>Never faults. The connection's own end is awaited by its runner.</summary>
    private async Task CloseAsync()
    {
        try
        {
            await _client.CloseAsync(WebSocketCloseStatus.PolicyViolation, "The authentication has expired.", CloseMode.Now);
        }
        catch (Exception exception)
        {
            Log.CloseFailed(_logger, _client.Id, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(133, LogLevel.Error, "Connection {ConnectionId}: its authentication has expired, but closing it failed.", EventName = "ExpiredCloseFailed")]
        public static partial void CloseFailed(ILogger logger, string connectionId, Exception exception);
    }
}

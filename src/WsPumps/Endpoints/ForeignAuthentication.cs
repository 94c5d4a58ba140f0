using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Lifetime;

namespace WsPumps.Endpoints;

/// <summary>
/// Closes a client that was written from scratch when its user's authentication expires. A timer of its own is what that costs;
/// <see cref="Client"/> is asked by the heartbeat of all.
/// </summary>
internal sealed partial class ForeignAuthentication : IAsyncDisposable
{
    /// <summary>A timer cannot count much further. One that is to fire later is set again.</summary>
    private static readonly TimeSpan Furthest = TimeSpan.FromDays(49);

    private const long Never = long.MaxValue;

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private ITimer? _timer;
    private IClient? _client;
    private long _expiresAt;

    public ForeignAuthentication(DateTimeOffset? expiresAt, TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        _expiresAt = expiresAt?.UtcTicks ?? Never;
    }

    /// <summary>From now on the client is closed when it is time.</summary>
    public void Watch(IClient client)
    {
        _client = client;
        var timer = _time.CreateTimer(static authentication => ((ForeignAuthentication)authentication!).OnTimer(), this,
            Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Volatile.Write(ref _timer, timer);
        Start(timer);
    }

    /// <summary>The authentication expires at another time than was said before; null for never. From any thread.</summary>
    public void Refresh(DateTimeOffset? expiresAt)
    {
        Interlocked.Exchange(ref _expiresAt, expiresAt?.UtcTicks ?? Never);
        if (Volatile.Read(ref _timer) is { } timer)
            Start(timer);
    }

    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? default;

    private void OnTimer()
    {
        // It was refreshed meanwhile, or is further away than a timer can count.
        if (_time.GetUtcNow().UtcTicks < Volatile.Read(ref _expiresAt))
            Start(_timer!);
        else
            _ = CloseAsync(_client!);
    }

    /// <summary>
    /// Who sets the timer looks again: of two that refresh at once, the time that was kept must be the one that is waited for.
    /// </summary>
    private void Start(ITimer timer)
    {
        long expiresAt;
        do
        {
            expiresAt = Volatile.Read(ref _expiresAt);
            var left = TimeSpan.FromTicks(expiresAt - _time.GetUtcNow().UtcTicks);
            var due = left < TimeSpan.Zero ? TimeSpan.Zero : left > Furthest ? Furthest : left;
            timer.Change(expiresAt == Never ? Timeout.InfiniteTimeSpan : due, Timeout.InfiniteTimeSpan);
            Interlocked.MemoryBarrier();
        }
        while (expiresAt != Volatile.Read(ref _expiresAt));
    }

    /// <summary>Never faults. The connection's own end is awaited by its runner.</summary>
    private async Task CloseAsync(IClient client)
    {
        try
        {
            await client.CloseAsync(WebSocketCloseStatus.PolicyViolation,
                DisconnectCause.Rule(DisconnectReason.AuthenticationExpired).Text, CloseMode.Now);
        }
        catch (Exception exception)
        {
            Log.CloseFailed(_logger, client.Id, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(133, LogLevel.Error,
            "Connection {ConnectionId}: its authentication has expired, but closing it failed.", EventName = "ExpiredCloseFailed")]
        public static partial void CloseFailed(ILogger logger, string connectionId, Exception exception);
    }
}

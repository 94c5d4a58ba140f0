using System.Security.Claims;
using Microsoft.Extensions.Logging;

namespace WsPumps.Lifetime;

/// <summary>Until when the user of a connection counts as known. Asked by the heartbeat; set from any thread.</summary>
internal sealed partial class Authentication(Client client, TimeSpan notice, ILogger logger)
{
    private const long Never = long.MaxValue;

    private long _expiresAt = Never;
    private long _toldOf;

    public DateTimeOffset? ExpiresAt
    {
        get => Volatile.Read(ref _expiresAt) is var ticks and not Never ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        set => Volatile.Write(ref _expiresAt, value?.UtcTicks ?? Never);
    }

    /// <summary>When it is time to say or to do something; <see cref="DateTimeOffset.MaxValue"/> for never.</summary>
    public DateTimeOffset NextAt
    {
        get
        {
            var expiresAt = Volatile.Read(ref _expiresAt);
            if (expiresAt == Never)
                return DateTimeOffset.MaxValue;
            return new DateTimeOffset(_toldOf == expiresAt ? expiresAt : Math.Max(0, expiresAt - notice.Ticks), TimeSpan.Zero);
        }
    }

    /// <summary>Two principals are the same user when this is the same.</summary>
    public static string? IdOf(ClaimsPrincipal? user) => user?.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? user?.Identity?.Name;

    /// <summary>Says so beforehand, once. For the heartbeat.</summary>
    public bool HasExpired(DateTimeOffset now)
    {
        var expiresAt = Volatile.Read(ref _expiresAt);
        if (now.UtcTicks >= expiresAt)
            return true;

        if (_toldOf != expiresAt && expiresAt != Never && notice > TimeSpan.Zero && expiresAt - now.UtcTicks <= notice.Ticks)
        {
            _toldOf = expiresAt;
            // The heartbeat is everybody's: the user's code must not hold it up.
            ThreadPool.UnsafeQueueUserWorkItem(static authentication => _ = authentication.RaiseAsync(), this, preferLocal: false);
        }

        return false;
    }

    /// <summary>Never faults.</summary>
    private async Task RaiseAsync()
    {
        if (ExpiresAt is not { } expiresAt)
            return;

        // The enumerator is a struct that does not live over an await.
        foreach (var subscriber in client.EventsInUse?.OnAuthenticationExpiring?.GetInvocationList() ?? [])
        {
            try
            {
                await ((Func<AuthenticationExpiringEvent, ValueTask>)subscriber)(new() { ExpiresAt = expiresAt }).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                Log.EventFailed(logger, client.Id, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Error, "Connection {ConnectionId}: an AuthenticationExpiring callback failed.", EventName = "AuthenticationExpiringFailed")]
        public static partial void EventFailed(ILogger logger, string connectionId, Exception exception);
    }
}

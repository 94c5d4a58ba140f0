using System.Security.Claims;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Registry;

namespace WsPumps.Lifetime;

/// <summary>Until when the user of a connection counts as known. Asked by the heartbeat; set from any thread.</summary>
internal sealed class Authentication(IEventSource client, TimeSpan notice, TimeProvider time, ILogger logger)
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

    /// <summary>Who a user is: what the application says, or the default. Two users about whom nothing is known are not the same.</summary>
    public Func<ClaimsPrincipal, string?> UserId { get; set; } = UserIdentity.DefaultId;

    /// <exception cref="ArgumentException">They are not the same user, or nothing says so.</exception>
    public void CheckSameUser(ClaimsPrincipal? before, ClaimsPrincipal user)
    {
        if (ReferenceEquals(before, user) || (before is not null && UserId(user) is { Length: > 0 } id && UserId(before) == id))
            return;

        throw new ArgumentException(
            $"The connection {client.Id} belongs to another user, or to one without an id that says so. Close it, and let the new user " +
            "connect; where users have ids in a claim of your own, set UserId.",
            nameof(user));
    }

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
            CountedWork.Queue(time, static authentication => _ = authentication.CallAsync(), this);
        }

        return false;
    }

    private Task CallAsync() => time is IWorkCounter work ? work.RunAsync(() => new ValueTask(RaiseAsync())).AsTask() : RaiseAsync();

    /// <summary>Never faults.</summary>
    private Task RaiseAsync() => client.EventsInUse?.OnAuthenticationExpiring is { } subscribers && ExpiresAt is { } expiresAt
        ? SafeEvents.RaiseAsync(subscribers, new() { ExpiresAt = expiresAt }, nameof(ClientEvents.AuthenticationExpiring), client.Id,
            logger)
        : Task.CompletedTask;
}

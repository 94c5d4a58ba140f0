using System.Threading.RateLimiting;
using WsPumps;

namespace CustomClient;

/// <summary>One customer: its clients, what they may do together, and what they have done.</summary>
internal sealed class Tenant : IDisposable
{
    private readonly TokenBucketRateLimiter _limiter;
    private long _received;
    private long _refused;
    private long _sent;
    private long _dropped;

    private Tenant(string name, int messagesPerSecond)
    {
        Name = name;
        _limiter = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = messagesPerSecond,
            TokensPerPeriod = messagesPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        });
    }

    public string Name { get; }

    /// <summary>A broadcaster of its own: its groups and users have nothing to do with those of another tenant.</summary>
    public Broadcaster Everybody { get; } = new(new Manager());

    public Usage Usage => new(Name, Everybody.Manager.Clients.Count, Interlocked.Read(ref _received), Interlocked.Read(ref _refused), Interlocked.Read(ref _sent), Interlocked.Read(ref _dropped));

    public static Tenant Read(IConfigurationSection section) => new(section.Key, section.GetValue("MessagesPerSecond", 10));

    /// <summary>Whether one more message may come in: of all clients of the tenant together, so that more of them are no way around it.</summary>
    public bool Admit()
    {
        using var lease = _limiter.AttemptAcquire();
        Interlocked.Increment(ref lease.IsAcquired ? ref _received : ref _refused);
        return lease.IsAcquired;
    }

    public void CountWritten(WriteResult result) => Interlocked.Increment(ref result is WriteResult.Queued ? ref _sent : ref _dropped);

    public void Dispose() => _limiter.Dispose();
}

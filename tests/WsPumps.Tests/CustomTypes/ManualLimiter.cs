using System.Threading.Channels;
using System.Threading.RateLimiting;

namespace WsPumps.Tests.CustomTypes;

/// <summary>A limiter that answers when a test says so.</summary>
internal sealed class ManualLimiter : RateLimiter
{
    private readonly Channel<(int Permits, TaskCompletionSource<bool> Answer)> _requests = Channel.CreateUnbounded<(int, TaskCompletionSource<bool>)>();

    public override TimeSpan? IdleDuration => null;

    /// <summary>The next request for permits.</summary>
    public Task<(int Permits, TaskCompletionSource<bool> Answer)> NextAsync() => _requests.Reader.ReadAsync().InTime();

    public override RateLimiterStatistics? GetStatistics() => null;

    protected override RateLimitLease AttemptAcquireCore(int permitCount) => new Lease(false);

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Writer.TryWrite((permitCount, answer));
        return new Lease(await answer.Task.WaitAsync(cancellationToken));
    }

    private sealed class Lease(bool acquired) : RateLimitLease
    {
        public override bool IsAcquired => acquired;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}

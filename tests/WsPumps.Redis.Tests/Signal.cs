namespace WsPumps.Redis.Tests;

/// <summary>Something has happened: who waits for a condition looks again then, and at no other time.</summary>
internal sealed class Signal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    /// <summary>Until it is so; tells how it is when it never comes to that.</summary>
    public async Task Until(Func<bool> condition, Func<string> state)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        try
        {
            while (true)
            {
                var next = Volatile.Read(ref _next).Task;
                if (condition())
                    return;
                await next.WaitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"It never came to that within {Limit.Time}: {state()}.");
        }
    }
}

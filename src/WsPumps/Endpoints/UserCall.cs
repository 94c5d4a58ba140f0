using WsPumps.Diagnostics;

namespace WsPumps.Endpoints;

/// <summary>
/// Runs code of the user's own within a time limit, whatever it does: throw, never complete, or block its thread. It runs on a
/// thread of the pool, so what is lost with one that blocks is that thread, until it returns.
/// </summary>
internal static class UserCall
{
    /// <param name="call">The user's code.</param>
    /// <param name="limit">How long it is waited for.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="onLateFailure">Told what it throws when nobody waits any more.</param>
    /// <returns>What it returns.</returns>
    /// <exception cref="TimeoutException">It took longer. If it had not even begun, it never will.</exception>
    public static async Task<T> RunAsync<T>(Func<ValueTask<T>> call, TimeSpan limit, TimeProvider time, Action<Exception> onLateFailure)
    {
        using var abandoned = new CancellationTokenSource();
        var calling = StartAsync(call, time, abandoned.Token);
        try
        {
            return await calling.WaitAsync(limit, time);
        }
        catch (TimeoutException) when (!calling.IsCompleted)
        {
            await abandoned.CancelAsync();
            _ = ObserveAsync(calling, onLateFailure);
            throw;
        }
    }

    private static Task<T> StartAsync<T>(Func<ValueTask<T>> call, TimeProvider time, CancellationToken abandoned)
    {
        if (time is not IWorkCounter work)
            return Task.Run(() => call().AsTask(), abandoned);

        work.Begin();
        return Task.Run(
            async () =>
            {
                // From here on it counts as the user's code.
                work.End();
                var result = default(T)!;
                await work.RunAsync(async () => result = await call());
                return result;
            },
            CancellationToken.None);
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(Func<ValueTask> call, TimeSpan limit, TimeProvider time, Action<Exception> onLateFailure) => RunAsync(
        async () =>
        {
            await call();
            return true;
        },
        limit,
        time,
        onLateFailure);

    private static async Task ObserveAsync(Task calling, Action<Exception> onLateFailure)
    {
        await calling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (calling.Exception?.InnerException is { } exception)
            onLateFailure(exception);
    }
}

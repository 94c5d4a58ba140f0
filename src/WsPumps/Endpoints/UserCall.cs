using WsPumps.Diagnostics;

namespace WsPumps.Endpoints;

/// <summary>
/// Runs code of the user's own within a time limit, whatever it does: throw, never complete, or block its thread. It runs on a
/// thread of the pool, so what is lost with one that blocks is that thread, until it returns.
/// </summary>
internal static class UserCall
{
    /// <param name="call">The user's code. Its token fires when nobody waits for it any longer.</param>
    /// <param name="limit">How long it is waited for.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="onLateFailure">Told what it throws when nobody waits for it any longer.</param>
    /// <param name="alsoLate">Whether it is called even where the pool had no thread for it in time.</param>
    /// <param name="gone">Lets the token fire as well.</param>
    /// <returns>What it returns.</returns>
    /// <exception cref="TimeoutException">It took longer. If it had not even begun, it never will, unless it is called late.</exception>
    public static async Task<T> RunAsync<T>(
        Func<CancellationToken, ValueTask<T>> call, TimeSpan limit, TimeProvider time, Action<Exception> onLateFailure,
        bool alsoLate = false, CancellationToken gone = default)
    {
        var abandoned = CancellationTokenSource.CreateLinkedTokenSource(gone);
        var token = abandoned.Token;
        var begun = 0;
        var calling = CountedWork.Call(time, () => Interlocked.Exchange(ref begun, 1) == 0
            ? call(token).AsTask() : Task.FromCanceled<T>(token));
        try
        {
            var inTime = calling.WaitAsync(limit, time, CancellationToken.None);
            if (time is IWorkCounter)
                await CountedWork.Await(time, inTime);
            return await inTime;
        }
        catch (TimeoutException) when (calling.IsCompleted)
        {
            // It ended in the instant in which the time was over, or threw this itself: what it came to counts.
            return await calling;
        }
        catch (TimeoutException)
        {
            if (!alsoLate)
                Interlocked.Exchange(ref begun, 1);
            _ = ObserveAsync(calling, onLateFailure);
            // What is registered on the token is the user's code as well, so nothing waits for it.
            _ = ObserveAsync(CountedWork.CancelAsync(time, abandoned), onLateFailure);
            throw;
        }
        finally
        {
            if (calling.IsCompleted)
                abandoned.Dispose();
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(
        Func<CancellationToken, ValueTask> call, TimeSpan limit, TimeProvider time, Action<Exception> onLateFailure,
        bool alsoLate = false, CancellationToken gone = default) => RunAsync(
        async token =>
        {
            await call(token);
            return true;
        },
        limit,
        time,
        onLateFailure,
        alsoLate,
        gone);

    private static async Task ObserveAsync(Task calling, Action<Exception> onLateFailure)
    {
        await calling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (calling.Exception?.InnerException is { } exception)
            onLateFailure(exception);
    }
}

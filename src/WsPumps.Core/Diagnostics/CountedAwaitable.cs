using System.Runtime.CompilerServices;

namespace WsPumps.Diagnostics;

/// <summary>
/// Awaits a task that another thread completes. It may do so in the instant in which this one begins to wait, and then a plain await goes
/// on by way of the thread pool, where nobody counts it.
/// </summary>
internal readonly struct CountedAwaitable(IWorkCounter? work, Task task) : ICriticalNotifyCompletion
{
    public bool IsCompleted => task.IsCompleted;

    public CountedAwaitable GetAwaiter() => this;

    public void GetResult() => task.GetAwaiter().GetResult();

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        if (work is null)
        {
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(continuation);
            return;
        }

        _ = task.ContinueWith(static (_, next) => ((Action)next!)(), continuation, CancellationToken.None,
            TaskContinuationOptions.HideScheduler, new CountedTaskScheduler(work));
    }
}

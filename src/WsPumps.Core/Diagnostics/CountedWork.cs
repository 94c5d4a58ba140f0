namespace WsPumps.Diagnostics;

/// <summary>The thread pool, for work that a clock may count.</summary>
internal static class CountedWork
{
    /// <summary>As <see cref="Task.Run(Func{Task})"/>.</summary>
    public static Task Run(TimeProvider time, Func<Task> run) => time is IWorkCounter work ? RunCounted(work, run) : Task.Run(run);

    /// <summary>Calls the user's own code on the thread pool.</summary>
    public static Task<T> Call<T>(TimeProvider time, Func<Task<T>> call) => time is IWorkCounter work
        ? CallCountedAsync(work, call) : Task.Run(call);

    /// <summary>As <see cref="ThreadPool.UnsafeQueueUserWorkItem{TState}"/>.</summary>
    public static void Queue<T>(TimeProvider time, Action<T> run, T state)
    {
        if (time is IWorkCounter work)
            Queue(work, run, state);
        else
            ThreadPool.UnsafeQueueUserWorkItem(run, state, preferLocal: false);
    }

    /// <summary>
    /// The same task, for whoever awaits one that is completed on another thread: its way from there to who waits is work too.
    /// </summary>
    public static Task Until(TimeProvider time, Task task) => time is IWorkCounter work && !task.IsCompleted
        ? task.ContinueWith(static task => task, default, TaskContinuationOptions.HideScheduler, new CountedTaskScheduler(work)).Unwrap()
        : task;

    /// <inheritdoc cref="Until"/>
    public static Task<T> Until<T>(TimeProvider time, Task<T> task) => time is IWorkCounter work && !task.IsCompleted
        ? task.ContinueWith(static task => task, default, TaskContinuationOptions.HideScheduler, new CountedTaskScheduler(work)).Unwrap()
        : task;

    /// <summary>For an await of a task that another thread completes, at any moment.</summary>
    public static CountedAwaitable Await(TimeProvider time, Task task) => new(time as IWorkCounter, task);

    /// <summary>As <see cref="CancellationTokenSource.CancelAsync"/>.</summary>
    public static Task CancelAsync(TimeProvider time, CancellationTokenSource source) => time is IWorkCounter work
        ? RunCounted(work, () =>
        {
            source.Cancel();
            return Task.CompletedTask;
        })
        : source.CancelAsync();

    public static void Queue<T>(IWorkCounter work, Action<T> run, T state)
    {
        work.Begin();
        ThreadPool.UnsafeQueueUserWorkItem(
            static item =>
            {
                try
                {
                    item.Run(item.State);
                }
                finally
                {
                    item.Work.End();
                }
            },
            (Work: work, Run: run, State: state),
            preferLocal: false);
    }

    private static Task RunCounted(IWorkCounter work, Func<Task> run)
    {
        work.Begin();
        // Whoever waits goes on within this, before the work counts as done.
        var begun = new TaskCompletionSource<Task>();
        _ = Task.Run(() =>
        {
            try
            {
                begun.SetResult(Begun(run));
            }
            finally
            {
                work.End();
            }
        });
        return begun.Task.Unwrap();
    }

    private static Task Begun(Func<Task> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception)
        {
            return Task.FromException(exception);
        }
    }

    private static async Task<T> CallCountedAsync<T>(IWorkCounter work, Func<Task<T>> call)
    {
        var result = default(T)!;
        await RunCounted(work, () => work.RunAsync(async () => result = await call().ConfigureAwait(false)).AsTask()).ConfigureAwait(false);
        return result;
    }
}

namespace WsPumps.Diagnostics;

/// <summary>The thread pool, for work that a clock may count.</summary>
internal static class CountedWork
{
    /// <summary>As <see cref="Task.Run(Func{Task})"/>.</summary>
    public static Task Run(TimeProvider time, Func<Task> run)
    {
        if (time is not IWorkCounter work)
            return Task.Run(run);

        work.Begin();
        return Task.Run(() =>
        {
            try
            {
                return run();
            }
            finally
            {
                work.End();
            }
        });
    }
}

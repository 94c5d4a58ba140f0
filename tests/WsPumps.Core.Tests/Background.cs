namespace WsPumps.Core.Tests;

/// <summary>Work beside a test, on threads of its own: a loop on the thread pool would keep from the test what it waits for.</summary>
internal static class Background
{
    public static Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static Task Repeat(Action action, CancellationToken until) => Run(() =>
    {
        while (!until.IsCancellationRequested)
            action();
    });
}

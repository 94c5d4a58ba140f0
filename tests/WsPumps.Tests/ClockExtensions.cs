namespace WsPumps.Tests;

internal static class ClockExtensions
{
    /// <summary>
    /// Lets the clock run until the task completes, for waits whose beginning cannot be seen from outside.
    /// </summary>
    /// <returns>How much time passed on the clock.</returns>
    public static async Task<TimeSpan> AdvanceUntilAsync(this ManualTimeProvider clock, Task task)
    {
        var start = clock.GetTimestamp();
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!task.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await task;
        return clock.GetElapsedTime(start);
    }

    /// <summary>Waits, without moving the clock, until code under test waits for it.</summary>
    public static async Task UntilTimersAsync(this ManualTimeProvider clock, int count)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (clock.ActiveTimers < count)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}

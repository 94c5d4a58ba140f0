namespace WsPumps.Tests.Shared;

internal static class Waiting
{
    /// <summary>Looks again and again until it is so: for what nothing signals, within the limit.</summary>
    public static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition())
            await Task.Delay(5, limit.Token);
    }

    /// <summary>Looks again and again until it is so, and tells how it is when it never comes to that.</summary>
    public static async Task Until(Func<bool> condition, Func<string> state)
    {
        try
        {
            await Until(condition);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"It never came to that within {Limit.Time}: {state()}.");
        }
    }

    /// <inheritdoc cref="Until(Func{bool})"/>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!await condition())
            await Task.Delay(20, limit.Token);
    }
}

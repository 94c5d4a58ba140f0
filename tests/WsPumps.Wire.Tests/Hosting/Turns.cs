namespace WsPumps.Wire.Tests.Hosting;

/// <summary>For what happens a moment after the last thing that can be awaited, as a timer that is disposed behind the continuation it started.</summary>
internal static class Turns
{
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}

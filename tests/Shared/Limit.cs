namespace WsPumps.Tests.Shared;

/// <summary>The limit on every await that could hang: far above what a slow machine needs, so that it only ends what is stuck.</summary>
internal static class Limit
{
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    public static Task InTime(this Task task) => task.WaitAsync(Time);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Time);

    public static Task InTime(this ValueTask task) => task.AsTask().WaitAsync(Time);

    public static Task<T> InTime<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Time);
}

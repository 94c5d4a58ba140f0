namespace WsPumps.Diagnostics;

/// <summary>
/// Implemented by a clock that must know when all it has woken rests again, as the one of the test kit. Other clocks are asked nothing.
/// </summary>
internal interface IWorkCounter
{
    /// <summary>Work was put on the thread pool. Each call has its <see cref="End"/>.</summary>
    void Begin();

    /// <summary>The work has been done, or goes on where it is seen.</summary>
    void End();

    /// <summary>Calls the user's own code, which counts as work until it waits for something or has ended.</summary>
    ValueTask RunAsync(Func<ValueTask> callback);
}

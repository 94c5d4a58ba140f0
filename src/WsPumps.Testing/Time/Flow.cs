namespace WsPumps.Testing.Time;

/// <summary>
/// Code that belongs to a test's host: a connection, or one callback. It counts as work while a thread runs it, which the runtime
/// tells, because the flow is a part of the execution context.
/// </summary>
/// <param name="work">The count.</param>
/// <param name="name">For messages.</param>
/// <param name="isCallback">Whether the user's own code is called in it, which may wait for what nobody counts.</param>
internal sealed class Flow(WorkCounter work, string name, bool isCallback)
{
    private static readonly AsyncLocal<Flow?> Local = new(OnChanged);

    private int _timers;
    private volatile bool _waits;

    public static Flow? Current => Local.Value;

    public string Name => name;

    public bool IsCallback => isCallback;

    /// <summary>A callback that is not known to wait for the clock, nor was found waiting for something else.</summary>
    public bool IsRestless => isCallback && !_waits && Volatile.Read(ref _timers) == 0;

    /// <summary>
    /// From here on, what the calling method does and begins is part of this flow. To be called in an async method, which ends that with
    /// itself.
    /// </summary>
    public void Enter() => Local.Value = this;

    /// <summary>It has been idle for so long that it seems to wait for the test.</summary>
    public void FoundWaiting() => _waits = true;

    /// <summary>A timer was made in this flow: it waits for the clock, until the timer is gone.</summary>
    public void TimerMade() => Interlocked.Increment(ref _timers);

    public void TimerGone() => Interlocked.Decrement(ref _timers);

    private static void OnChanged(AsyncLocalValueChangedArgs<Flow?> change)
    {
        if (change.CurrentValue is { } begun)
        {
            begun._waits = false;
            begun.Work.Begin();
        }

        change.PreviousValue?.Work.End();
    }

    private WorkCounter Work => work;
}

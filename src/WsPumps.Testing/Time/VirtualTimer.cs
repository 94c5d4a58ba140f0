using System.Diagnostics.CodeAnalysis;

namespace WsPumps.Testing.Time;

/// <summary>A timer of a virtual clock. What concerns its time is guarded by the lock of the queue.</summary>
internal sealed class VirtualTimer : ITimer
{
    private readonly TimerQueue _queue;
    private readonly TimerCallback _callback;
    private readonly object? _state;
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private readonly Flow? _flow = Flow.Current;

    public VirtualTimer(TimerQueue queue, TimerCallback callback, object? state)
    {
        (_queue, _callback, _state) = (queue, callback, state);
        _flow?.TimerMade();
    }

    public DateTimeOffset Due { get; set; }

    public long Order { get; set; }

    public TimeSpan? Period { get; set; }

    public bool IsDisposed { get; set; }

    /// <summary>What it calls, for messages.</summary>
    public string Name =>
        $"{_callback.Method.DeclaringType?.FullName}.{_callback.Method.Name}{(_state is null ? "" : $" of {_state.GetType()}")}";

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, Timeout.InfiniteTimeSpan);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, Timeout.InfiniteTimeSpan);
        return _queue.Set(this, dueTime, period);
    }

    /// <summary>Calls back on this thread, in the context in which the timer was made.</summary>
    public void Fire()
    {
        if (_context is null)
            _callback(_state);
        else
            ExecutionContext.Run(_context, static timer => ((VirtualTimer)timer!).Call(), this);
    }

    [SuppressMessage("Usage", "CA1816", Justification = "There is no finalizer.")]
    public void Dispose()
    {
        if (!IsDisposed)
            _flow?.TimerGone();
        _queue.Remove(this);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private void Call() => _callback(_state);
}

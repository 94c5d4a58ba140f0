using System.Runtime.CompilerServices;
using WsPumps.Diagnostics;
using WsPumps.Testing.Time;

namespace WsPumps.Testing;

/// <summary>
/// A clock that moves only when a test says so, from timer to timer, and waits at each until everything that the timer woke is at rest
/// again.
/// </summary>
/// <remarks>
/// <para>
/// Rest is counted: no work of the pumps is queued or running, nothing is on its way over a link, and each callback has returned, or waits
/// for the clock. A callback that waits for something else counts as resting when it has done so for 20 ms of real time. Work that nobody
/// can see, such as a database query or a thread of your own, is reported to the clock with <see cref="Track"/>.
/// </para>
/// <para>Register it as the <see cref="TimeProvider"/> of the application; <see cref="PumpsTestHost"/> does. Safe for concurrent use, but
/// one test moves it at a time.</para>
/// </remarks>
public sealed class VirtualTime : TimeProvider, IWorkCounter
{
    /// <summary>How often timers may fire at one moment: a timer that rearms itself with zero time never ends.</summary>
    private const int MaxFiresPerMoment = 100_000;

    private readonly TimerQueue _timers;
    private readonly DateTimeOffset _start;
    private readonly SemaphoreSlim _moving = new(1);
    private long _steps;
    private string _doing = "";
    private volatile string? _stuck;

    /// <param name="start">The first moment. Default (null): the beginning of 2030 in UTC.</param>
    public VirtualTime(DateTimeOffset? start = null)
    {
        _start = start ?? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        _timers = new TimerQueue(_start);
    }

    /// <summary>How long the clock waits at one moment, in real time, for something that does not come to rest.</summary>
    /// <value>Positive. Default: 10 seconds.</value>
    public TimeSpan RealTimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How far the clock has been moved.</summary>
    public TimeSpan Elapsed => _timers.Now - _start;

    /// <summary>How many timers are set: what code under test has left behind.</summary>
    public int ActiveTimers => _timers.Count;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    internal WorkCounter Work { get; } = new();

    internal TimeSpan? UntilNextTimer => _timers.NextDue - _timers.Now;

    internal bool IsMoving => _moving.CurrentCount == 0;

    /// <summary>Something has not come to rest within the limit, and has not yet.</summary>
    internal bool IsStuck => _stuck is not null;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _timers.Now;

    /// <inheritdoc/>
    public override long GetTimestamp() => _timers.Now.UtcTicks;

    /// <inheritdoc/>
    /// <remarks>The callback runs within <see cref="AdvanceAsync"/>, on its thread.</remarks>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(_timers, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock, and stops at each timer on the way until everything it woke is at rest.</summary>
    /// <param name="by">How far; zero only waits until everything is at rest, and fires what is due.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">The clock is being moved already, or this is a callback, whose end the clock would wait
    /// for.</exception>
    /// <exception cref="PumpsTestException">
    /// Something does not come to rest within <see cref="RealTimeLimit"/>, or a timer is set again without end.
    /// </exception>
    public Task AdvanceAsync(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        return MoveAsync(_timers.Now + by, until: null);
    }

    /// <summary>Moves the clock from timer to timer until a task has completed.</summary>
    /// <param name="task">The task to wait for. When it fails, this call fails too.</param>
    /// <param name="atMost">How far the clock may be moved for it.</param>
    /// <param name="name">Named in messages; by default the expression.</param>
    /// <returns>How far the clock has been moved.</returns>
    /// <exception cref="PumpsTestException">The task has not completed by then; or as with <see cref="AdvanceAsync"/>.</exception>
    public async Task<TimeSpan> AdvanceUntilAsync(Task task, TimeSpan atMost, [CallerArgumentExpression(nameof(task))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(task);
        var before = _timers.Now;
        await MoveAsync(before + atMost, task).ConfigureAwait(false);
        // Its last step may be taken by a thread that is not counted.
        if (await Task.WhenAny(task, Task.Delay(RealTimeLimit, System)).ConfigureAwait(false) != task)
        {
            throw new PumpsTestException($"'{name}' has not happened in {atMost} of virtual time" +
                $"{(Work.DescribeUnfinished() is { } unfinished ? $". Under way: {unfinished}" : "")}, and " +
                $"{(UntilNextTimer is { } next ? $"the next timer is due in {next}" : "no timer is set")}.");
        }

        await task.ConfigureAwait(false);
        return _timers.Now - before;
    }

    /// <summary>Waits until everything is at rest, without moving the clock.</summary>
    /// <exception cref="PumpsTestException">Something does not come to rest within <see cref="RealTimeLimit"/>.</exception>
    public Task SettleAsync() => MoveAsync(end: null, until: null);

    /// <summary>
    /// Tells the clock about work that it cannot see. Nothing is at rest until the task has ended, so it must not wait for the clock
    /// itself.
    /// </summary>
    /// <param name="task">The work.</param>
    /// <param name="name">Named in messages; by default the expression.</param>
    /// <returns>The same task.</returns>
    public Task Track(Task task, [CallerArgumentExpression(nameof(task))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(task);
        Work.Track(task, name);
        return task;
    }

    /// <summary>
    /// Runs code on the thread pool whose work the clock sees: nothing is at rest before it waits for the clock or has ended.
    /// </summary>
    /// <param name="work">The code. It may wait for the clock, as a loop of a background service does.</param>
    /// <param name="name">Named in messages; by default the expression.</param>
    public Task RunAsync(Func<Task> work, [CallerArgumentExpression(nameof(work))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(work);
        Work.Begin();
        return Task.Run(() =>
        {
            try
            {
                return Work.RunAsync($"the code '{name}'", () => new ValueTask(work())).AsTask();
            }
            finally
            {
                Work.End();
            }
        });
    }

    void IWorkCounter.Begin() => Work.Begin();

    void IWorkCounter.End() => Work.End();

    ValueTask IWorkCounter.RunAsync(Func<ValueTask> callback) => Work.RunAsync(
        Flow.Current is { IsCallback: false } flow ? $"a callback of {flow.Name} that has not returned"
            : "a callback that has not returned",
        callback);

    /// <summary>Waits until nothing is stuck any more.</summary>
    internal async Task<bool> RestsWithinAsync(TimeSpan realTime)
    {
        if (!IsStuck)
            return true;
        if (!await _moving.WaitAsync(realTime).ConfigureAwait(false))
            return false;

        _moving.Release();
        return true;
    }

    private async Task MoveAsync(DateTimeOffset? end, Task? until)
    {
        if (Flow.Current is { } flow)
        {
            throw new InvalidOperationException($"The clock cannot be moved here: it would wait for the end of {flow.Name}. Move it in " +
                "the test.");
        }

        if (!_moving.Wait(0))
        {
            if (_stuck is not { } stuck)
                throw new InvalidOperationException("The clock is being moved already. Await one AdvanceAsync before the next.");
            // It may have come to rest since, or does so now.
            if (!await _moving.WaitAsync(RealTimeLimit).ConfigureAwait(false))
                throw new PumpsTestException(stuck);
        }

        var before = Volatile.Read(ref _steps);
        // On the thread pool, so that a timer whose callback blocks is noticed too.
        var moving = Task.Run(async () =>
        {
            try
            {
                await StepAsync(end, until).ConfigureAwait(false);
            }
            finally
            {
                _stuck = null;
                _moving.Release();
            }
        });
        while (await Task.WhenAny(moving, Task.Delay(RealTimeLimit, System)).ConfigureAwait(false) != moving)
        {
            var steps = Volatile.Read(ref _steps);
            if (steps == before)
            {
                throw new PumpsTestException(_stuck = $"No rest within {RealTimeLimit} of real time, {Elapsed} after the start of the " +
                    $"clock: {_doing}{Work.Describe()}.");
            }

            before = steps;
        }

        await moving.ConfigureAwait(false);
    }

    private async Task StepAsync(DateTimeOffset? end, Task? until)
    {
        await Work.WhenAtRestAsync().ConfigureAwait(false);
        var (moment, fires, ofOne) = (_timers.Now, 0, 0);
        VirtualTimer? before = null;
        while (until is not { IsCompleted: true } && end is { } last && _timers.TakeDue(last) is { } timer)
        {
            fires = _timers.Now == moment ? fires + 1 : 1;
            moment = _timers.Now;
            ofOne = timer == before && fires > 1 ? ofOne + 1 : 1;
            before = timer;
            if (fires > MaxFiresPerMoment)
            {
                _timers.PutBack(timer);
                throw new PumpsTestException(
                    (ofOne == fires ? $"One timer, set again with no time, has fired {MaxFiresPerMoment} times"
                        : $"{MaxFiresPerMoment} timers have fired") +
                    $" {Elapsed} after the start of the clock, and time goes no further: {timer.Name}.");
            }

            _doing = $"after the timer {timer.Name}: ";
            Work.Fire(timer);
            await Work.WhenAtRestAsync().ConfigureAwait(false);
            Interlocked.Increment(ref _steps);
        }

        // Where a task is waited for, and no timer is set, the time is not what it waits for.
        if (until is null && end is not null)
            _timers.MoveTo(end.Value);
    }
}

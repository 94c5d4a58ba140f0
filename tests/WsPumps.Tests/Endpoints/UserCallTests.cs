using WsPumps.Endpoints;

namespace WsPumps.Tests.Endpoints;

public sealed class UserCallTests
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task RunAsync_EndsInTheInstantInWhichTheTimeIsOver_ReturnsWhatItCameTo() =>
        (await await EndInThatInstantAsync(call => call.SetResult("done"))).Should().Be("done");

    [Fact]
    public async Task RunAsync_FailsInTheInstantInWhichTheTimeIsOver_ThrowsThat()
    {
        var ended = await EndInThatInstantAsync(call => call.SetException(new InvalidOperationException("broken")));

        await ended.Awaiting(ended => ended).Should().ThrowAsync<InvalidOperationException>().WithMessage("broken");
    }

    [Fact]
    public async Task RunAsync_TakesLonger_TimesOutAndTellsWhatItThrowsLate()
    {
        var told = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = new TaskCompletionSource<string>();
        var (running, context) = await RunAsync(call, told.SetResult);

        _clock.Advance(Time);
        context.RunAll();
        await running.Awaiting(running => running.InTime()).Should().ThrowAsync<TimeoutException>();
        call.SetException(new InvalidOperationException("late"));

        (await told.Task.InTime()).Message.Should().Be("late");
    }

    /// <summary>The thread pool is busy for so long that the time is over before the call begins. Not every attempt comes to that.</summary>
    [Fact]
    public async Task RunAsync_TimeIsOverBeforeItBegins_IsCalledLateWhereItHasToBe()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task running = UserCall.RunAsync(
                _ =>
                {
                    called.SetResult();
                    return default;
                },
                Time, _clock, static _ => { }, alsoLate: true);

            _clock.Advance(Time);

            await Record.ExceptionAsync(() => running.InTime());
            await called.Task.InTime();
        }
    }

    /// <summary>
    /// The time is over, and before anybody looks the call ends. The thread it began on may still have something to do with it, and then it was
    /// really late: so it is tried again.
    /// </summary>
    private async Task<Task<string>> EndInThatInstantAsync(Action<TaskCompletionSource<string>> end)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var call = new TaskCompletionSource<string>();
            var (running, context) = await RunAsync(call, static _ => { });

            _clock.Advance(Time);
            end(call);
            context.RunAll();

            Task ended = running;
            await ended.InTime().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (running.Exception?.InnerException is not TimeoutException)
                return running;
        }

        throw new TimeoutException("Each attempt timed out, although the call had ended.");
    }

    /// <summary>Begins the call where what it continues with waits for the test.</summary>
    private async Task<(Task<string> Running, HeldContext Context)> RunAsync(TaskCompletionSource<string> call, Action<Exception> onLateFailure)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var context = new HeldContext();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        Task<string> running;
        try
        {
            running = UserCall.RunAsync(
                _ =>
                {
                    begun.SetResult();
                    return new ValueTask<string>(call.Task);
                },
                Time, _clock, onLateFailure);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        await begun.Task.InTime();
        return (running, context);
    }

    private sealed class HeldContext : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = [];

        public override void Post(SendOrPostCallback d, object? state)
        {
            lock (_posted)
                _posted.Enqueue((d, state));
        }

        public void RunAll()
        {
            while (TryTake() is { } next)
                next.Callback(next.State);
        }

        private (SendOrPostCallback Callback, object? State)? TryTake()
        {
            lock (_posted)
                return _posted.TryDequeue(out var next) ? next : null;
        }
    }
}

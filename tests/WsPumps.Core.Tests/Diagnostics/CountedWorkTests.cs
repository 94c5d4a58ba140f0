using WsPumps.Diagnostics;

namespace WsPumps.Core.Tests.Diagnostics;

public sealed class CountedWorkTests
{
    private readonly CountingClock _clock = new();

    [Fact]
    public async Task Until_TheTaskCompletes_IsWorkUntilWhoWaitsHasGoneOn()
    {
        var task = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var mayGoOn = new ManualResetEventSlim();
        var waiting = WaitAsync();
        _clock.Count.Should().Be(0);

        task.SetResult(7);

        _clock.Count.Should().Be(1, "the way to who waits has begun");
        mayGoOn.Set();
        (await waiting.InTime()).Should().Be(7);
        await _clock.Rested.InTime();

        async Task<int> WaitAsync()
        {
            var result = await CountedWork.Until(_clock, task.Task).ConfigureAwait(false);
            mayGoOn.Wait(Limit.Time).Should().BeTrue();
            _clock.Count.Should().Be(1, "who waits goes on within what is counted");
            return result;
        }
    }

    [Fact]
    public async Task Until_TheTaskFails_TheExceptionIsTheSame()
    {
        var task = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = CountedWork.Until(_clock, task.Task);
        var exception = new IOException("gone");

        task.SetException(exception);

        (await waiting.Awaiting(waiting => waiting.InTime()).Should().ThrowAsync<IOException>()).Which.Should().BeSameAs(exception);
    }

    [Fact]
    public void Until_ClockCountsNothing_IsTheTaskItself()
    {
        var task = new TaskCompletionSource<int>().Task;

        CountedWork.Until(TimeProvider.System, task).Should().BeSameAs(task);
    }

    [Fact]
    public async Task CancelAsync_WhatIsRegistered_RunsElsewhereAndIsWork()
    {
        using var source = new CancellationTokenSource();
        using var mayGoOn = new ManualResetEventSlim();
        await using var registration = source.Token.Register(() => mayGoOn.Wait(Limit.Time).Should().BeTrue());

        var cancelling = CountedWork.CancelAsync(_clock, source);

        _clock.Count.Should().Be(1);
        mayGoOn.Set();
        await cancelling.InTime();
        await _clock.Rested.InTime();
    }

    private sealed class CountingClock : TimeProvider, IWorkCounter
    {
        private readonly TaskCompletionSource _rested = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public int Count => Volatile.Read(ref _count);

        /// <summary>Completes when work has ended and none is left.</summary>
        public Task Rested => _rested.Task;

        public void Begin() => Interlocked.Increment(ref _count);

        public void End()
        {
            if (Interlocked.Decrement(ref _count) == 0)
                _rested.TrySetResult();
        }

        public ValueTask RunAsync(Func<ValueTask> callback) => callback();
    }
}

namespace WsPumps.Testing.Time;

/// <summary>
/// Counts what is at work: work on its way to the thread pool, threads that run code of the host, tasks that the user has told of.
/// </summary>
internal sealed class WorkCounter
{
    /// <summary>How long a callback that waits for something unknown is given, in real time, before it counts as resting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>How often the thread pool is asked at one rest at most: it may be busy with what is not of this host.</summary>
    private const int MaxLooksAtPool = 8;

    private readonly Lock _lock = new();
    private readonly HashSet<Flow> _callbacks = [];
    private readonly List<string> _tracked = [];
    private readonly Queue<Action> _atRest = [];
    private TaskCompletionSource? _noWork;
    private int _count;
    private int _waitingForRest;
    private long _begun;
    private long _restedAt;

    public void Begin()
    {
        Interlocked.Increment(ref _begun);
        Interlocked.Increment(ref _count);
    }

    /// <summary>Calls a timer back on this thread, which is work as long as it takes.</summary>
    public void Fire(VirtualTimer timer)
    {
        Interlocked.Increment(ref _count);
        try
        {
            timer.Fire();
        }
        finally
        {
            End();
        }
    }

    public void End()
    {
        if (Interlocked.Decrement(ref _count) > 0)
            return;

        Action? next;
        lock (_lock)
            _atRest.TryDequeue(out next);
        if (next is not null)
        {
            // Counted before it stops waiting: there is no rest in between.
            Queue(next);
            Interlocked.Decrement(ref _waitingForRest);
        }

        if (!IsAtRest)
            return;

        TaskCompletionSource? noWork;
        lock (_lock)
            (noWork, _noWork) = (_noWork, null);
        noWork?.TrySetResult();
    }

    /// <summary>Runs it when nothing else is at work. Until it has run, there is no rest.</summary>
    public void QueueAtRest(Action run)
    {
        Begin();
        Interlocked.Increment(ref _waitingForRest);
        lock (_lock)
            _atRest.Enqueue(run);
        End();
    }

    /// <summary>Puts work on the thread pool, and counts it until it has been done.</summary>
    public void Queue(Action run) => Queue(static run => ((Action)run!)(), run);

    /// <inheritdoc cref="Queue(Action)"/>
    public void Queue(Action<object?> run, object? state)
    {
        Begin();
        ThreadPool.UnsafeQueueUserWorkItem(
            static work =>
            {
                try
                {
                    work.Run(work.State);
                }
                finally
                {
                    work.Counter.End();
                }
            },
            (Counter: this, Run: run, State: state),
            preferLocal: false);
    }

    public async ValueTask RunAsync(string name, Func<ValueTask> callback)
    {
        var flow = new Flow(this, name, isCallback: true);
        lock (_lock)
            _callbacks.Add(flow);
        try
        {
            flow.Enter();
            await callback().ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
                _callbacks.Remove(flow);
        }
    }

    public void Track(Task task, string name)
    {
        Begin();
        lock (_lock)
            _tracked.Add(name);
        _ = EndWithAsync(task, name);
    }

    /// <summary>Completes when nothing is at work, at once where nothing is.</summary>
    public async ValueTask WhenAtRestAsync()
    {
        while (true)
        {
            await WhenNothingIsCountedAsync().ConfigureAwait(false);
            var begun = Volatile.Read(ref _begun);
            var restless = Restless();
            if (restless.Length == 0)
            {
                _restedAt = begun;
                return;
            }

            await Task.Delay(Patience, TimeProvider.System).ConfigureAwait(false);
            if (begun != Volatile.Read(ref _begun))
                continue;

            foreach (var flow in restless)
                flow.FoundWaiting();
        }
    }

    /// <summary>What is at work, for messages.</summary>
    public string Describe()
    {
        lock (_lock)
        {
            var known = _tracked.Select(name => $"the task '{name}'")
                .Concat(_callbacks.Where(flow => flow.IsRestless).Select(flow => flow.Name)).ToArray();
            return known.Length > 0 ? string.Join(", ", known)
                : $"{Volatile.Read(ref _count)} pieces of work on the thread pool or on a thread";
        }
    }

    /// <summary>What has a name and has begun and not ended, also where it rests, for messages; null for nothing.</summary>
    public string? DescribeUnfinished()
    {
        lock (_lock)
        {
            var names = _tracked.Select(name => $"the task '{name}'").Concat(_callbacks.Select(flow => flow.Name)).CountBy(name => name)
                .Select(named => named.Value == 1 ? named.Key : $"{named.Key} ({named.Value} times)").ToArray();
            return names.Length == 0 ? null : string.Join(", ", names);
        }
    }

    /// <summary>
    /// What finds a task completed when it begins to await it goes on on the thread pool, and its way there cannot be counted. But then it
    /// waits there, or is being done, and the pool can be asked: what waits, and what it has done while one more piece went through.
    /// </summary>
    private async ValueTask WhenNothingIsCountedAsync()
    {
        for (var looks = 0; ; looks++)
        {
            while (!IsAtRest)
                await WhenNoWorkAsync().ConfigureAwait(false);
            if (Volatile.Read(ref _begun) == _restedAt || looks == MaxLooksAtPool)
                return;

            var (waiting, done) = (ThreadPool.PendingWorkItemCount, ThreadPool.CompletedWorkItemCount);
            var taken = new TaskCompletionSource();
            ThreadPool.UnsafeQueueUserWorkItem(static taken => taken.SetResult(), taken, preferLocal: false);
            await taken.Task.ConfigureAwait(false);
            if (waiting == 0 && IsAtRest && ThreadPool.CompletedWorkItemCount - done <= 1)
                return;
        }
    }

    private bool IsAtRest => Volatile.Read(ref _count) == 0 && Volatile.Read(ref _waitingForRest) == 0;

    private Task WhenNoWorkAsync()
    {
        if (IsAtRest)
            return Task.CompletedTask;

        TaskCompletionSource noWork;
        lock (_lock)
            noWork = _noWork ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Either this sees that the work has ended, or its end sees who waits.
        Interlocked.MemoryBarrier();
        return IsAtRest ? Task.CompletedTask : noWork.Task;
    }

    private Flow[] Restless()
    {
        lock (_lock)
            return _callbacks.Count == 0 ? [] : [.. _callbacks.Where(flow => flow.IsRestless)];
    }

    private async Task EndWithAsync(Task task, string name)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
            _tracked.Remove(name);
        End();
    }
}

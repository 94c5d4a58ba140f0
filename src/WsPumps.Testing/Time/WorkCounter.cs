namespace WsPumps.Testing.Time;

/// <summary>
/// Counts what is at work: work on its way to the thread pool, threads that run code of the host, tasks that the user has told of.
/// </summary>
internal sealed class WorkCounter
{
    /// <summary>How long a callback that waits for something unknown is given, in real time, before it counts as resting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly HashSet<Flow> _callbacks = [];
    private readonly List<string> _tracked = [];
    private readonly Queue<Action> _atRest = [];
    private TaskCompletionSource? _noWork;
    private int _count;
    private long _begun;

    public void Begin()
    {
        Interlocked.Increment(ref _begun);
        Interlocked.Increment(ref _count);
    }

    public void End()
    {
        if (Interlocked.Decrement(ref _count) > 0)
            return;

        Action? next;
        TaskCompletionSource? noWork = null;
        lock (_lock)
        {
            if (!_atRest.TryDequeue(out next))
                (noWork, _noWork) = (_noWork, null);
        }

        if (next is not null)
            Queue(next);
        noWork?.TrySetResult();
    }

    /// <summary>Runs it when nothing else is at work.</summary>
    public void QueueAtRest(Action run)
    {
        Begin();
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
            while (Volatile.Read(ref _count) != 0)
                await WhenNoWorkAsync().ConfigureAwait(false);
            var begun = Volatile.Read(ref _begun);
            var restless = Restless();
            if (restless.Length == 0)
                return;

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

    private Task WhenNoWorkAsync()
    {
        if (Volatile.Read(ref _count) == 0)
            return Task.CompletedTask;

        TaskCompletionSource noWork;
        lock (_lock)
            noWork = _noWork ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Either this sees that the work has ended, or its end sees who waits.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _count) == 0 ? Task.CompletedTask : noWork.Task;
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

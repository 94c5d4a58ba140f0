using WsPumps.Diagnostics;

namespace WsPumps.Clustering;

/// <summary>
/// A piece of work that many ask for and one at a time does, on the thread pool: at least once after each <see cref="Schedule"/>.
/// </summary>
/// <param name="work">Must not throw.</param>
/// <param name="time">A clock that may count what is at work.</param>
internal sealed class SerialWork(Action work, TimeProvider time) : IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Scheduled = 1;
    private const int Running = 2;
    private const int RunningAndScheduled = 3;

    private readonly IWorkCounter? _counter = time as IWorkCounter;
    private int _state;

    public void Schedule()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            var next = state is Idle or Scheduled ? Scheduled : RunningAndScheduled;
            if (Interlocked.CompareExchange(ref _state, next, state) != state)
                continue;

            if (state is Idle)
            {
                // Until it is idle again.
                _counter?.Begin();
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }

            return;
        }
    }

    /// <summary>Does the work on this thread if no other thread is doing it, otherwise as <see cref="Schedule"/>.</summary>
    public void RunOrSchedule()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Idle) is not Idle)
        {
            Schedule();
            return;
        }

        _counter?.Begin();
        Run();
    }

    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _state, Running);
        Interlocked.MemoryBarrier();
        Run();
    }

    private void Run()
    {
        work();
        if (Interlocked.CompareExchange(ref _state, Idle, Running) is Running)
        {
            _counter?.End();
            return;
        }

        // Queued again rather than repeated: nobody keeps a thread of the pool for as long as others ask.
        Volatile.Write(ref _state, Scheduled);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}

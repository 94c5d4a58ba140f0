using System.IO.Pipelines;

namespace WsPumps.Diagnostics;

/// <summary>The thread pool as a scheduler of pipes, for a clock that counts work.</summary>
internal sealed class CountedScheduler(IWorkCounter work) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state)
    {
        work.Begin();
        System.Threading.ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                try
                {
                    action(state);
                }
                finally
                {
                    work.End();
                }
            },
            null);
    }
}

using System.IO.Pipelines;
using WsPumps.Testing.Time;

namespace WsPumps.Testing.Links;

/// <summary>Runs what waits for a pipe on the thread pool, and counts it.</summary>
internal sealed class CountedScheduler(WorkCounter work) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state) => work.Queue(action, state);
}

namespace WsPumps.Diagnostics;

/// <summary>The thread pool, for what continues a task: counted from the moment in which the task completes.</summary>
internal sealed class CountedTaskScheduler(IWorkCounter work) : TaskScheduler
{
    protected override void QueueTask(Task task) =>
        CountedWork.Queue(work, static item => item.Scheduler.TryExecuteTask(item.Task), (Scheduler: this, Task: task));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}

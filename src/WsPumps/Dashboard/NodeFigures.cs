using System.Diagnostics;
using System.Runtime;
using System.Runtime.InteropServices;
using WsPumps.Hosting;

namespace WsPumps.Dashboard;

/// <summary>The process, as it is now. Times in seconds where nothing else is said, sizes in bytes.</summary>
internal sealed record NodeFigures(
    string Machine, int ProcessId, string Runtime, string System, int Processors, bool ServerGc, double Uptime, double Processor,
    long Memory, long Heap, long Allocated, int[] Collections, double PausePercentage, double PauseTotal, int Threads, long PendingWork,
    long CompletedWork, double LagMilliseconds)
{
    private static readonly DateTime StartedAt = StartOfProcess();

    public static NodeFigures Take(PumpsServer server, Sample? last)
    {
        var memory = GC.GetGCMemoryInfo();
        return new NodeFigures(
            Environment.MachineName,
            Environment.ProcessId,
            RuntimeInformation.FrameworkDescription,
            RuntimeInformation.OSDescription,
            Environment.ProcessorCount,
            GCSettings.IsServerGC,
            (TimeProvider.System.GetUtcNow().UtcDateTime - StartedAt).TotalSeconds,
            last?.Processor ?? 0,
            Environment.WorkingSet,
            memory.HeapSizeBytes,
            GC.GetTotalAllocatedBytes(),
            [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)],
            memory.PauseTimePercentage,
            GC.GetTotalPauseDuration().TotalSeconds,
            ThreadPool.ThreadCount,
            ThreadPool.PendingWorkItemCount,
            ThreadPool.CompletedWorkItemCount,
            server.ClientMetrics.HeartbeatLag.TotalMilliseconds);
    }

    private static DateTime StartOfProcess()
    {
        using var process = Process.GetCurrentProcess();
        return process.StartTime.ToUniversalTime();
    }
}

using System.Diagnostics;

namespace WsPumps.Load.Platform;

/// <summary>What a process has used up to a moment.</summary>
internal readonly record struct Usage(TimeSpan User, TimeSpan System, long ResidentBytes)
{
    public TimeSpan Total => User + System;

    public static Usage Of(Process process)
    {
        process.Refresh();
        if (process.HasExited)
            throw new LoadException($"The server ended by itself, with exit code {process.ExitCode}.");

        return new Usage(process.UserProcessorTime, process.PrivilegedProcessorTime, process.WorkingSet64);
    }
}

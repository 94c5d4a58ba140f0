namespace WsPumps.Load.Platform;

/// <summary>Each connection is an open file at both ends. The runtime has raised the soft limit to the hard one already.</summary>
internal static class OpenFiles
{
    /// <summary>What a process has open besides its connections: assemblies, pipes, epoll.</summary>
    private const ulong Others = 300;

    public static void ThrowIfFewerThan(int connections)
    {
        var needed = (ulong)connections + Others;
        if (Libc.GetLimit(Libc.OpenFilesLimit, out var limit) == 0 && limit.Soft < needed)
        {
            throw new LoadException(
                $"{connections} connections need {needed} open files in each process; the limit is {limit.Soft}. Raise it with 'ulimit -n {needed}' (and the hard limit, as root), or pass --connections {limit.Soft - Others}.");
        }
    }
}

using System.Runtime;
using WsPumps.Load.Servers;

namespace WsPumps.Load.Running;

/// <summary>Runs one server in this process.</summary>
internal static class ServeCommand
{
    /// <summary>Lets <see cref="ServerProcess"/> ask questions, and ends the server with the process that started it.</summary>
    public const string AttachedOption = "--attached";

    public const string Ready = "listening on port ";

    /// <summary>How many bytes the managed heap has after a collection.</summary>
    public const string HeapQuestion = "heap";

    /// <summary>How many methods have been compiled, each tier counted.</summary>
    public const string CompiledQuestion = "compiled";

    /// <summary>Keeps to the calling thread: reading the console blocks, and on one core the thread pool has a single thread to lose.</summary>
    public static void Run(Arguments arguments)
    {
        var server = arguments.Take("--transport") is { } transport ? LoadServer.WithTransport(transport) : LoadServer.Find(arguments.Take("--server") ?? "wspumps");
        var port = arguments.TakeNumber("--port") ?? 0;
        var mode = LoadMode.Of(arguments);
        var isAttached = arguments.TakeFlag(AttachedOption);
        arguments.ThrowIfAnyLeft();

        var settings = new ServerSettings(port, mode.UsesTls, mode.UsesHttp2, mode.Compresses, mode.PingsRarely);
        Console.WriteLine(Ready + server.StartAsync(settings).GetAwaiter().GetResult());
        if (!isAttached)
            Thread.Sleep(Timeout.Infinite);

        while (Console.In.ReadLine() is { } question)
            Console.WriteLine(question is HeapQuestion ? CollectedHeap() : JitInfo.GetCompiledMethodCount());
    }

    private static long CollectedHeap()
    {
        // Twice, because what has a finalizer goes with the second.
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}

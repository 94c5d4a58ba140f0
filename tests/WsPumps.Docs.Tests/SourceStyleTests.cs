using System.Text.RegularExpressions;

namespace WsPumps.Docs.Tests;

/// <summary>Lines that fit on a screen, and the ways to the thread pool.</summary>
public sealed class SourceStyleTests
{
    private const int MaxColumns = 140;

    private static readonly Regex WaysToThePool = new(
        @"\bTask\.Run\(|QueueUserWorkItem|(?<!CountedWork|handlers)\.CancelAsync\(|Task\.Yield|ForceYielding|PipeScheduler\.ThreadPool|(?<!CountedWork\.Until\(_time, )Task\.Delay\(");

    /// <summary>The files that queue to the pool by themselves, each with who counts it.</summary>
    private static readonly Dictionary<string, string> Counted = new()
    {
        ["WsPumps.Core/Diagnostics/CountedScheduler.cs"] = "itself",
        ["WsPumps.Core/Diagnostics/CountedWork.cs"] = "itself",
        ["WsPumps.Core/Diagnostics/SafeEvents.cs"] = "what is told next was counted when it was queued",
        ["WsPumps.Core/Clustering/SerialWork.cs"] = "from the first piece of work until there is none",
        ["WsPumps.Core/Inbound/HandlerChain.cs"] = "the yield, by Begin before and End after it",
        ["WsPumps.Core/Inbound/InboundRate.cs"] = "the delay is awaited with CountedWork.Await",
        ["WsPumps.Core/Inbound/StreamHandOver.cs"] = "it is not used on a clock that counts",
        ["WsPumps.Core/Inbound/StreamedInput.cs"] = "a CountedScheduler where the clock counts",
        ["WsPumps.Core/Lifetime/ConnectionWatch.cs"] = "Begin before, and End in what is queued",
        ["WsPumps.Core/Lifetime/Heartbeat.cs"] = "only on the system's clock",
        ["WsPumps.Core/Lifetime/ReadRun.cs"] = "the yield, by Begin before and End after it",
        ["WsPumps.Core/Outbound/Lane.cs"] = "the pump that wakes: WritePump.Wake until the end of its turn",
        ["WsPumps.Core/Outbound/QueueEvents.cs"] = "Begin before, and End in what is queued",
        ["WsPumps.Core/Outbound/WritePump.cs"] = "from Wake until the end of its turn",
        ["WsPumps.Core/Transports/SocketReceiver.cs"] = "nobody: a pause of a WebSocket that the user's own code reads",
        ["WsPumps.Core/Transports/WebSocketTransport.cs"] = "nobody: what waits is a receive of somebody else's WebSocket",
    };

    private static readonly string Source = Path.Combine(Repository.Root, "src");

    [Fact]
    public void Source_Lines_AreAtMost140ColumnsLong()
    {
        var tooLong = from file in Files()
                      from line in File.ReadLines(file).Select((text, index) => (Text: text, Number: index + 1))
                      where line.Text.Length > MaxColumns
                      select $"{Name(file)}:{line.Number} has {line.Text.Length} columns";

        string.Join('\n', tooLong).Should().BeEmpty($"a line of src has at most {MaxColumns} columns, in comments too: break it");
    }

    /// <summary>
    /// What goes to the thread pool uncounted lets the clock of WsPumps.Testing run on before it has been done, once in some thousand runs.
    /// </summary>
    [Fact]
    public void Source_WaysToTheThreadPool_AreCounted()
    {
        var ways = from file in Files()
                   where Name(file).StartsWith("WsPumps.Core/", StringComparison.Ordinal) || Name(file).StartsWith("WsPumps/", StringComparison.Ordinal)
                   where File.ReadLines(file).Any(line => WaysToThePool.IsMatch(line))
                   select Name(file);

        ways.Should().BeEquivalentTo(Counted.Keys, "the thread pool is reached through CountedWork, and a task that is cancelled awaited with CountedWork.Await; what counts by itself stands in the list, with how");
    }

    private static List<string> Files()
    {
        var files = Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories).Where(IsWritten).ToList();
        files.Should().NotBeEmpty();
        return files;
    }

    /// <summary>What the build has made is nobody's to read.</summary>
    private static bool IsWritten(string file) =>
        !Name(file).Split('/').Any(part => part is "obj" or "bin" or "node_modules");

    private static string Name(string file) => Path.GetRelativePath(Source, file).Replace('\\', '/');
}

using System.Diagnostics;
using System.Globalization;

namespace WsPumps.Redis.Tests;

/// <summary>A server of a cluster in a process of its own, that can be killed. It writes on and on, and says before each message that it will.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    public const string Command = "node";

    private readonly Process _process;
    private Task<int> _announced = Task.FromResult(0);

    private NodeProcess(Process process) => _process = process;

    /// <summary>The id of its node.</summary>
    public string NodeId { get; private set; } = "";

    /// <summary>Starts it. It does not write yet.</summary>
    public static async Task<NodeProcess> StartAsync(string name, string address)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(NodeProcess).Assembly.Location, Command, name, address])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var node = new NodeProcess(Process.Start(start)!);
        node.NodeId = await node._process.StandardOutput.ReadLineAsync().InTime()
            ?? throw new InvalidOperationException("The server has ended before it has started.");
        return node;
    }

    /// <summary>Has it write until it is killed.</summary>
    public async Task BeginToWriteAsync()
    {
        await _process.StandardInput.WriteLineAsync("write").InTime();
        await _process.StandardInput.FlushAsync().InTime();
        _announced = ReadAnnouncedAsync();
    }

    /// <summary>Kills it as the system would (SIGKILL).</summary>
    /// <returns>The number of the last message that it may have written.</returns>
    public async Task<int> KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().InTime();
        return await _announced.InTime();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    /// <summary>What the process itself does.</summary>
    public static async Task RunAsync(string name, string address)
    {
        await using var node = await RedisNode.StartAsync(name, address);
        Console.WriteLine(node.Cluster.NodeId);
        if (Console.In.ReadLine() is null)
            return;

        // Whoever has started it may be killed as well: then the input ends.
        var orphaned = Task.Run(Console.In.ReadToEnd);
        while (!orphaned.IsCompleted)
        {
            Console.WriteLine(node.Written + 1);
            await node.WriteAsync();
            // As fast as the others write.
            var received = node.Cluster.Statistics.MessagesReceived;
            await node.Changed.Until(() => node.Cluster.Statistics.MessagesReceived > received || orphaned.IsCompleted, () => "nobody else writes");
        }
    }

    private async Task<int> ReadAnnouncedAsync()
    {
        var last = 0;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            // The last line may be cut.
            if (int.TryParse(line, CultureInfo.InvariantCulture, out var number))
                last = Math.Max(last, number);
        }

        return last;
    }
}

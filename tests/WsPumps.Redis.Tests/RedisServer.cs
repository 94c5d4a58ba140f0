using System.Diagnostics;
using System.Globalization;

namespace WsPumps.Redis.Tests;

/// <summary>A Redis of the test's own, on a free port of this machine, in a folder of its own.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wspumps-redis-").FullName;
    private readonly string[] _arguments;
    private ServerProcess? _process;

    private RedisServer(int port, string[] arguments) => (Port, _arguments) = (port, arguments);

    /// <summary>Why tests with Redis cannot run here; null where they can.</summary>
    public static string? Missing { get; } = ServerProcess.Find("redis-server") is null ? "redis-server is not installed." : null;

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        var server = new RedisServer(ServerProcess.FreePort(), arguments);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>One server that is a Redis Cluster.</summary>
    public static async Task<RedisServer> StartClusterAsync()
    {
        var server = await StartAsync("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--cluster-port", ServerProcess.FreePort().ToString(CultureInfo.InvariantCulture));
        await server.RunAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        await Waiting.UntilAsync(async () => (await server.RunAsync("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal));
        return server;
    }

    /// <summary>Starts it on the same port: with what it has kept, which is nothing unless the arguments say so.</summary>
    public async Task StartAgainAsync()
    {
        string[] own = ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder, "--daemonize", "no"];
        string[] persistence = _arguments.Contains("--appendonly") ? [] : ["--save", "", "--appendonly", "no"];
        _process = await ServerProcess.StartAsync("redis-server", Port, [.. own, .. persistence, .. _arguments]);
    }

    public async Task StopAsync()
    {
        if (_process is { } process)
            await process.DisposeAsync();
        _process = null;
    }

    /// <summary>Runs one command by the command line client.</summary>
    public async Task<string> RunAsync(params string[] command)
    {
        var start = new ProcessStartInfo(ServerProcess.Find("redis-cli")!, ["-p", $"{Port}", .. command]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync().InTime();
        await process.WaitForExitAsync().InTime();
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

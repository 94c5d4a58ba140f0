using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace WsPumps.ClusterLoad;

/// <summary>A Redis of the measurement's own, that keeps nothing.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly int _port;
    private Process? _process;

    private RedisProcess(int port) => _port = port;

    public string Address => $"127.0.0.1:{_port}";

    /// <summary>What it has used since it was started.</summary>
    public double CpuMilliseconds
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime.TotalMilliseconds;
        }
    }

    public static async Task<RedisProcess> StartAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var redis = new RedisProcess(((IPEndPoint)listener.LocalEndpoint).Port);
        listener.Stop();
        await redis.StartAgainAsync();
        return redis;
    }

    public async Task StartAgainAsync()
    {
        _process = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning"])
        {
            RedirectStandardOutput = true,
        })!;
        await Task.Delay(500);
    }

    public async Task StopAsync()
    {
        if (_process is not { } process)
            return;

        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}

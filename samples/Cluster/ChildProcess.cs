using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ClusterSample;

/// <summary>A program that is started, killed as a crash would, and started again on the same port.</summary>
internal sealed class ChildProcess(string name, int port, string program, params string[] arguments) : IDisposable
{
    private readonly Lock _lock = new();
    private Process? _process;

    public string Name => name;

    public int Port => port;

    public bool IsRunning
    {
        get
        {
            lock (_lock)
                return _process is { HasExited: false };
        }
    }

    public void Start()
    {
        lock (_lock)
        {
            if (_process is { HasExited: false })
                return;

            _process?.Dispose();
            _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true })
                ?? throw new InvalidOperationException($"{program} could not be started.");
        }
    }

    public void Kill()
    {
        lock (_lock)
        {
            if (_process is { HasExited: false } process)
                process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose()
    {
        Kill();
        lock (_lock)
            _process?.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

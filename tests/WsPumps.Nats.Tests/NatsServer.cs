namespace WsPumps.Nats.Tests;

/// <summary>A NATS of the test's own, on a free port of this machine.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private ServerProcess? _process;

    private NatsServer(int port) => Port = port;

    /// <summary>Why tests with NATS cannot run here; null where they can.</summary>
    public static string? Missing { get; } = ServerProcess.Find("nats-server") is null ? "nats-server is not installed." : null;

    public int Port { get; }

    public string Url => $"nats://127.0.0.1:{Port}";

    public static async Task<NatsServer> StartAsync()
    {
        var server = new NatsServer(ServerProcess.FreePort());
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync() => _process = await ServerProcess.StartAsync("nats-server", Port, "--addr", "127.0.0.1", "--port", $"{Port}");

    public async Task StopAsync()
    {
        if (_process is { } process)
            await process.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}

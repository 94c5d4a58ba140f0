namespace WsPumps.Samples.Tests;

/// <summary>One process of a sample for all tests of a class: they leave nothing in it that another of them would notice.</summary>
public abstract class SharedSample(string name, params string[] arguments) : IAsyncLifetime
{
    private SampleProcess? _process;

    internal SampleProcess Process => _process!;

    public async Task InitializeAsync() => _process = await SampleProcess.StartAsync(name, 0, arguments);

    public Task DisposeAsync() => _process!.DisposeAsync().AsTask();
}

public sealed class ChatServer() : SharedSample("Chat");

public sealed class EchoServer() : SharedSample("Echo");

public sealed class TickerServer() : SharedSample("Ticker");

public sealed class DevicesServer() : SharedSample("Devices", "--Devices:CommandTimeout=00:00:02", "--Devices:Simulated=0");

public sealed class DashboardServer() : SharedSample("Dashboard", "--Key", Key)
{
    public const string Key = "of-the-test";
}

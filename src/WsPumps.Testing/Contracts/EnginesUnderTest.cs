using System.Text;

namespace WsPumps.Testing.Contracts;

/// <summary>The engines of one check, on channels of their own.</summary>
internal sealed class EnginesUnderTest(Func<IBackplane> newEngine, Func<IBackplane> newEngineWithoutServer, TimeSpan limit)
    : IAsyncDisposable
{
    private readonly string _prefix = $"contract-{Guid.NewGuid():N}";
    private readonly List<IBackplane> _engines = [];

    public string Channel(string name) => $"{_prefix}:{name}";

    /// <summary>A further engine, connected.</summary>
    public async Task<(IBackplane Engine, RecordingReceiver Heard)> StartAsync()
    {
        var (engine, heard) = await BeginAsync(newEngine).ConfigureAwait(false);
        await heard.UntilConnectedAsync().ConfigureAwait(false);
        return (engine, heard);
    }

    /// <summary>A further engine that has begun to connect, to the server that the others use.</summary>
    public Task<(IBackplane Engine, RecordingReceiver Heard)> BeginAsync() => BeginAsync(newEngine);

    /// <summary>A further engine, whose server is not there.</summary>
    public Task<(IBackplane Engine, RecordingReceiver Heard)> BeginWithoutServerAsync() => BeginAsync(newEngineWithoutServer);

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
            await InTimeAsync(engine.DisposeAsync().AsTask(), "DisposeAsync").ConfigureAwait(false);
    }

    /// <summary>Awaits what the engine has to complete.</summary>
    public async Task InTimeAsync(Task task, string member)
    {
        try
        {
            await task.WaitAsync(limit, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new PumpsTestException($"{member} has not completed within {limit} of real time.");
        }
    }

    public static void Expect(bool holds, string sentence)
    {
        if (!holds)
            throw new PumpsTestException(sentence);
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private async Task<(IBackplane Engine, RecordingReceiver Heard)> BeginAsync(Func<IBackplane> create)
    {
        var engine = create();
        _engines.Add(engine);
        var heard = new RecordingReceiver { RealTimeLimit = limit };
        using var starting = new CancellationTokenSource();
        await InTimeAsync(engine.StartAsync(heard, starting.Token).AsTask(), "StartAsync").ConfigureAwait(false);
        // It ends the start, not the engine.
        await starting.CancelAsync().ConfigureAwait(false);
        return (engine, heard);
    }
}

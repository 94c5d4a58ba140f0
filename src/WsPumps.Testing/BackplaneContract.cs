using WsPumps.Testing.Contracts;

namespace WsPumps.Testing;

/// <summary>
/// What every engine of a <see cref="Cluster"/> must do, as checks with a name: for the tests of an <see cref="IBackplane"/> of your own,
/// with any test framework.
/// </summary>
/// <remarks>
/// Each check makes engines of its own, on channels of its own, and disposes of them. They wait in real time. Those of
/// <see cref="Checks"/> may run side by side on one server.
/// </remarks>
public sealed class BackplaneContract
{
    private readonly Func<IBackplane> _newEngine;
    private readonly Func<IBackplane> _newEngineWithoutServer;

    /// <param name="newEngine">Returns a new engine, not started. All that it returns use one server.</param>
    /// <param name="newEngineWithoutServer">Returns a new engine, not started, whose server cannot be reached.</param>
    public BackplaneContract(Func<IBackplane> newEngine, Func<IBackplane> newEngineWithoutServer)
    {
        ArgumentNullException.ThrowIfNull(newEngine);
        ArgumentNullException.ThrowIfNull(newEngineWithoutServer);
        (_newEngine, _newEngineWithoutServer) = (newEngine, newEngineWithoutServer);
    }

    /// <summary>The names of the checks that need nothing but engines.</summary>
    public static IReadOnlyList<string> Checks { get; } = [.. EngineChecks.All.Keys];

    /// <summary>
    /// The names of the checks that stop the server and start it again: with <see cref="StopServer"/> and <see cref="StartServer"/>, and
    /// not while another check runs on that server.
    /// </summary>
    public static IReadOnlyList<string> ServerChecks { get; } = [.. Contracts.ServerChecks.All.Keys];

    /// <summary>Stops the server: engines lose their connection.</summary>
    /// <value>Default: null, for a server that the test cannot stop.</value>
    public Func<Task>? StopServer { get; init; }

    /// <summary>Starts the server again, at the same address.</summary>
    /// <value>Default: null, for a server that the test cannot start.</value>
    public Func<Task>? StartServer { get; init; }

    /// <summary>How long each wait lasts at the most, in real time.</summary>
    /// <value>More than zero. Default: 30 seconds.</value>
    public TimeSpan RealTimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Runs one check.</summary>
    /// <param name="check">A name of <see cref="Checks"/> or <see cref="ServerChecks"/>.</param>
    /// <exception cref="PumpsTestException">The engine does not keep the contract; the text says how.</exception>
    /// <exception cref="ArgumentException">There is no check of that name.</exception>
    /// <exception cref="InvalidOperationException">The check needs the server stopped, and the contract was not told how.</exception>
    public Task VerifyAsync(string check)
    {
        ArgumentNullException.ThrowIfNull(check);
        if (EngineChecks.All.TryGetValue(check, out var run))
            return RunAsync(check, run);
        if (!Contracts.ServerChecks.All.TryGetValue(check, out var runWithServer))
            throw new ArgumentException($"There is no check '{check}'. The names are in Checks and in ServerChecks.", nameof(check));
        if (StopServer is not { } stop || StartServer is not { } start)
        {
            throw new InvalidOperationException(
                $"The check '{check}' stops the server and starts it again: set StopServer and StartServer, or leave out ServerChecks.");
        }

        return RunAsync(check, engines => runWithServer(engines, new ServerControl(stop, start)));
    }

    /// <summary>
    /// Runs all checks one after the other: <see cref="Checks"/>, and <see cref="ServerChecks"/> where <see cref="StopServer"/> and
    /// <see cref="StartServer"/> are set.
    /// </summary>
    /// <exception cref="PumpsTestException">The engine does not keep the contract; the text names each check that failed.</exception>
    public async Task VerifyAsync()
    {
        IReadOnlyList<string> checks = StopServer is null || StartServer is null ? Checks : [.. Checks, .. ServerChecks];
        List<string> failures = [];
        foreach (var check in checks)
        {
            try
            {
                await VerifyAsync(check).ConfigureAwait(false);
            }
            catch (PumpsTestException exception)
            {
                failures.Add(exception.Message);
            }
        }

        if (failures.Count > 0)
        {
            throw new PumpsTestException(
                $"{failures.Count} of {checks.Count} checks of the contract of a backplane failed." +
                string.Concat(failures.Select(failure => $"{Environment.NewLine}{failure}")));
        }
    }

    private async Task RunAsync(string check, Func<EnginesUnderTest, Task> run)
    {
        try
        {
            var engines = new EnginesUnderTest(_newEngine, _newEngineWithoutServer, RealTimeLimit);
            await using (engines.ConfigureAwait(false))
                await run(engines).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            throw new PumpsTestException($"{check}: {exception.Message}", exception);
        }
    }
}

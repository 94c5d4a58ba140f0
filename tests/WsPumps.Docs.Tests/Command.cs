using System.Collections.Concurrent;
using System.Diagnostics;

namespace WsPumps.Docs.Tests;

/// <summary>A command as a user types it, in a folder of its own and without what the test run has set.</summary>
internal sealed class Command : IAsyncDisposable
{
    /// <summary>Packages are restored into a folder of their own, from wherever they come.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;
    private readonly string _awaited;
    private readonly TaskCompletionSource<string> _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Command(string folder, string packages, string arguments, string awaited)
    {
        _awaited = awaited;
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(IsSettingOfTheHost).ToList())
            start.Environment.Remove(name);
        start.Environment["NUGET_PACKAGES"] = packages;
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => OnOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => OnOutput(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Runs <c>dotnet</c> to its end, which must be a good one.</summary>
    public static async Task RunAsync(string folder, string packages, string arguments)
    {
        await using var command = new Command(folder, packages, arguments, "");
        await command._process.WaitForExitAsync().WaitAsync(Limit);
        command._process.ExitCode.Should().Be(0, $"dotnet {arguments} says:\n{string.Join('\n', command._output)}");
    }

    /// <summary>Starts <c>dotnet</c> and waits for what it is expected to say.</summary>
    /// <returns>The command, and the rest of that line.</returns>
    public static async Task<(Command Command, string EndOfLine)> StartAsync(string folder, string packages, string arguments, string awaited)
    {
        var command = new Command(folder, packages, arguments, awaited);
        try
        {
            return (command, await command._said.Task.WaitAsync(Limit));
        }
        catch
        {
            await command.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(Limit);
        _process.Dispose();
    }

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            _said.TrySetException(new InvalidOperationException($"The command has ended:\n{string.Join('\n', _output)}"));
            return;
        }

        _output.Enqueue(line);
        if (_awaited.Length > 0 && line.IndexOf(_awaited, StringComparison.Ordinal) is >= 0 and var at)
            _said.TrySetResult(line[(at + _awaited.Length)..]);
    }

    private static bool IsSettingOfTheHost(string variable) =>
        variable.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
        || variable.StartsWith("VSTEST", StringComparison.Ordinal) || variable is "DOTNET_ENVIRONMENT" or "DOTNET_URLS" or "DOTNET_HOST_PATH" or "DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE";
}

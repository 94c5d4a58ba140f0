using System.Diagnostics;

namespace WsPumps.Benchmarks.Tests;

/// <summary>Runs one of the benchmark programs to its end.</summary>
internal static class BenchmarkProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <returns>The exit code, and what the program printed.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [PathOf(program), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Limit);
            return (process.ExitCode, await output.InTime() + await errors.InTime());
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static string PathOf(string program)
    {
        var framework = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var folder = framework;
        while (!File.Exists(Path.Combine(folder.FullName, "WsPumps.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No WsPumps.sln above {AppContext.BaseDirectory}.");
        return Path.Combine(folder.FullName, "benchmarks", program, "bin", framework.Parent!.Name, framework.Name, $"{program}.dll");
    }
}

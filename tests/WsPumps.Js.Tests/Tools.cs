using System.Diagnostics;

namespace WsPumps.Js.Tests;

/// <summary>What the machine has of the tools that the browser client is tested and built with.</summary>
internal static class Tools
{
    /// <summary>Longer than any run takes, also on a machine that is busy.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static string Package { get; } = Path.Combine(Root(), "src", "ws-pumps-js");

    /// <summary>Why the unit tests cannot run here; null where they can. Their virtual clock needs Node.js 20.</summary>
    public static string? NoNode { get; } = Version("node") is { Major: >= 20 } ? null : "Needs Node.js 20 or newer, as 'node' on PATH.";

    /// <summary>Why the script cannot be built here; null where it can.</summary>
    public static string? NoCompiler { get; } = NoNode ?? (File.Exists(Path.Combine(Package, "node_modules", ".bin", "esbuild"))
        ? null
        : "Needs the development packages: run 'npm ci' in src/ws-pumps-js.");

    public static async Task<(int ExitCode, string Output)> RunAsync(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WaitAsync(Limit);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static Version? Version(string program)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true })!;
            return System.Version.TryParse(process.StandardOutput.ReadToEnd().Trim().TrimStart('v'), out var version) ? version : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "WsPumps.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No WsPumps.sln above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}

namespace WsPumps.Samples.Tests;

/// <summary>A test that compiles to native code, and is reported as skipped where that is impossible.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NativeFactAttribute : FactAttribute
{
    private const string RuntimePack = "microsoft.netcore.app.runtime.nativeaot.linux-x64";

    public NativeFactAttribute()
    {
        if (!HasLinker())
            Skip = "Needs a linker: install the packages 'clang' and 'zlib1g-dev'.";
        else if (!HasRuntimePack())
            Skip = $"Needs the package {RuntimePack}, which was not restored: run ./test.sh --all, or dotnet publish samples/Aot, where the package source has it.";
    }

    private static bool HasLinker() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "clang")) || File.Exists(Path.Combine(folder, "gcc")));

    private static bool HasRuntimePack() => Directory.Exists(Path.Combine(
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
        RuntimePack));
}

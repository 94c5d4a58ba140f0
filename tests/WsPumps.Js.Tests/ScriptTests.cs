using System.IO.Compression;

namespace WsPumps.Js.Tests;

public sealed class ScriptTests
{
    private const int MaxGzippedBytes = 4096;

    private static string Dist { get; } = Path.Combine(Tools.Package, "dist");

    /// <summary>Each file runs in a process of its own, whose output names the test that failed.</summary>
    public static TheoryData<string> UnitTests => [.. Directory.GetFiles(Path.Combine(Tools.Package, "test"), "*.test.js").Select(Path.GetFileName).Order().OfType<string>()];

    [NodeTheory]
    [MemberData(nameof(UnitTests))]
    public async Task Script_UnitTests_Pass(string file)
    {
        var (exitCode, output) = await Tools.RunAsync("node", Tools.Package, "--test", Path.Combine("test", file));

        exitCode.Should().Be(0, output);
        output.Should().MatchRegex("# pass [1-9]").And.Contain("# fail 0");
    }

    [Fact]
    public async Task Script_Gzipped_IsAtMostFourKilobytes()
    {
        var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
            await gzip.WriteAsync(await File.ReadAllBytesAsync(Path.Combine(Dist, "ws-pumps.js")));

        compressed.Length.Should().BeInRange(500, MaxGzippedBytes);
    }

    /// <summary>The build of .NET needs no npm, so what is built is committed.</summary>
    [CompilerFact]
    public async Task Dist_BuiltAnew_IsWhatIsCommitted()
    {
        var folder = Directory.CreateTempSubdirectory("ws-pumps-js-");
        try
        {
            foreach (var file in Directory.GetFiles(Path.Combine(Tools.Package, "src")).Append(Path.Combine(Tools.Package, "package.json")).Append(Path.Combine(Tools.Package, "tsconfig.json")))
            {
                var copy = Path.Combine(folder.FullName, Path.GetRelativePath(Tools.Package, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }

            Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "node_modules"), Path.Combine(Tools.Package, "node_modules"));
            var (exitCode, output) = await Tools.RunAsync("npm", folder.FullName, "run", "build");

            exitCode.Should().Be(0, output);
            ContentOf(Path.Combine(folder.FullName, "dist")).Should().BeEquivalentTo(ContentOf(Dist), "dist is what 'npm run build' makes: run it in src/ws-pumps-js and commit the result");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Dictionary<string, string> ContentOf(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllText);
}

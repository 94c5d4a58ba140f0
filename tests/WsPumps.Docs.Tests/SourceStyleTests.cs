namespace WsPumps.Docs.Tests;

/// <summary>Lines that fit on a screen.</summary>
public sealed class SourceStyleTests
{
    private const int MaxColumns = 140;

    private static readonly string Source = Path.Combine(Repository.Root, "src");

    [Fact]
    public void Source_Lines_AreAtMost140ColumnsLong()
    {
        var tooLong = from file in Files()
                      from line in File.ReadLines(file).Select((text, index) => (Text: text, Number: index + 1))
                      where line.Text.Length > MaxColumns
                      select $"{Name(file)}:{line.Number} has {line.Text.Length} columns";

        string.Join('\n', tooLong).Should().BeEmpty($"a line of src has at most {MaxColumns} columns, in comments too: break it");
    }

    private static List<string> Files()
    {
        var files = Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories).Where(IsWritten).ToList();
        files.Should().NotBeEmpty();
        return files;
    }

    /// <summary>What the build has made is nobody's to read.</summary>
    private static bool IsWritten(string file) =>
        !Name(file).Split('/').Any(part => part is "obj" or "bin" or "node_modules");

    private static string Name(string file) => Path.GetRelativePath(Source, file).Replace('\\', '/');
}

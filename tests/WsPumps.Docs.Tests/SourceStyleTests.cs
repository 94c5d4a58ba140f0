namespace WsPumps.Docs.Tests;

/// <summary>Lines that fit on a screen, and files that hold one idea.</summary>
public sealed class SourceStyleTests
{
    private const int MaxColumns = 140;

    private const int MaxLines = 250;

    [Fact]
    public void Source_Lines_AreAtMost140ColumnsLong()
    {
        var tooLong = from file in Files()
                      from line in File.ReadLines(file).Select((text, index) => (Text: text, Number: index + 1))
                      where line.Text.Length > MaxColumns
                      select $"{Name(file)}:{line.Number} has {line.Text.Length} columns";

        string.Join('\n', tooLong).Should().BeEmpty($"a line of src has at most {MaxColumns} columns, in comments too: break it");
    }

    [Fact]
    public void Source_Files_AreAtMost250LinesLong()
    {
        var tooLong = Files().Where(file => File.ReadLines(file).Count() > MaxLines)
            .Select(file => $"{Name(file)} has {File.ReadLines(file).Count()} lines");

        string.Join('\n', tooLong).Should().BeEmpty($"a file of src has at most {MaxLines} lines: split it by what it is about");
    }

    private static IEnumerable<string> Files()
    {
        var files = Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories).Where(IsWritten).ToList();
        files.Should().NotBeEmpty();
        return files;
    }

    /// <summary>What the build has made is nobody's to read.</summary>
    private static bool IsWritten(string file) =>
        !Name(file).Split('/').Any(part => part is "obj" or "bin" or "node_modules");

    private static string Name(string file) => Path.GetRelativePath(Repository.PathOf("src"), file).Replace('\\', '/');
}

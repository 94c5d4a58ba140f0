namespace WsPumps.Tests.Package;

/// <summary>The rows of a page's tables, cells without their back-ticks.</summary>
internal static class MarkdownTable
{
    public static IEnumerable<string[]> Rows(params string[] page) => File.ReadLines(Repository.PathOf(page))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim().Replace("`", "", StringComparison.Ordinal)).ToArray());
}

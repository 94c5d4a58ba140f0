namespace WsPumps.Docs.Tests;

/// <summary>The files of the repository that somebody reads.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>README, changelog, docs, and the READMEs beside code.</summary>
    public static IReadOnlyList<MarkdownPage> Pages { get; } = Files()
        .Select(file => new MarkdownPage(Path.GetRelativePath(Root, file), File.ReadAllLines(file))).ToList();

    public static MarkdownPage Page(string path) => Pages.Single(page => page.Path == path);

    private static string[] Files() =>
    [
        .. Directory.GetFiles(Root, "*.md"),
        .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories),
        .. Directory.GetFiles(Path.Combine(Root, "samples"), "README.md", SearchOption.AllDirectories),
        .. Directory.GetFiles(Path.Combine(Root, "benchmarks"), "README.md"),
    ];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "WsPumps.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No WsPumps.sln above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}

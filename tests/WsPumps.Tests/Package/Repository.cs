namespace WsPumps.Tests.Package;

/// <summary>The files of the repository that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "WsPumps.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No WsPumps.sln above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}

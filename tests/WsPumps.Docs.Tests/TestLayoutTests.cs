namespace WsPumps.Docs.Tests;

/// <summary>Whoever reads a file of src finds its tests at the same place: the projects and folders of the tests are those of src.</summary>
public sealed class TestLayoutTests
{
    /// <summary>Tests of the whole, by what they prove and not by what they test.</summary>
    private static readonly string[] Whole =
        ["Chat.Tests", "WsPumps.Benchmarks.Tests", "WsPumps.Docs.Tests", "WsPumps.Js.Tests", "WsPumps.Samples.Tests", "WsPumps.Wire.Tests"];

    /// <summary>Folders without a counterpart: what tests are made with, and rules for the whole package.</summary>
    private static readonly string[] OwnFolders =
    [
        "WsPumps.Core/Package", "WsPumps.Core/Wire", "WsPumps.Reconnecting/Network", "WsPumps.Reconnecting/Package", "WsPumps/CustomTypes", "WsPumps/Diagnostics",
        "WsPumps/Package", "WsPumps/Peers",
    ];

    /// <summary>Folders that are tested through the public type in front of them.</summary>
    private static readonly Dictionary<string, string> TestedThrough = new()
    {
        ["WsPumps/Dashboard"] = "Extensions/DashboardTests.cs",
        ["WsPumps/Script"] = "Extensions/MapWebSocketPumpsScriptTests.cs",
        ["WsPumps.Reconnecting/Diagnostics"] = "Extensions/AddReconnectingClientTests.cs",
        ["WsPumps.Reconnecting/Hosting"] = "Extensions/AddReconnectingClientTests.cs",
        ["WsPumps.Reconnecting/Incoming"] = "ReadTests.cs",
        ["WsPumps.Reconnecting/Outgoing"] = "WriteTests.cs",
        ["WsPumps.Reconnecting/Resuming"] = "ResumeTests.cs",
        ["WsPumps.Testing/Contracts"] = "BackplaneContractTests.cs",
        ["WsPumps.Testing/Frames"] = "TestPeerTests.cs",
        ["WsPumps.Testing/Hosting"] = "ScenarioTests.cs",
        ["WsPumps.Testing/Links"] = "ScenarioTests.cs",
        ["WsPumps.Testing/Peers"] = "TestPeerTests.cs",
        ["WsPumps.Testing/Time"] = "VirtualTimeTests.cs",
    };

    private static readonly List<SourceFile> Source = FilesOf("src", suffix: "");

    private static readonly List<SourceFile> Tests = FilesOf("tests", suffix: ".Tests");

    [Fact]
    public void Projects_OfTests_AreThoseOfSource() =>
        Tests.Select(file => file.Project).Distinct().Should().BeEquivalentTo(Source.Select(file => file.Project).Distinct());

    [Fact]
    public void Folders_OfTests_AreThoseOfSource() =>
        FoldersOf(Tests).Except(FoldersOf(Source)).Should().BeEquivalentTo(OwnFolders, "a folder of tests is named as the folder of src that it tests");

    [Fact]
    public void Folders_OfSource_HaveTests() =>
        FoldersOf(Source).Except(FoldersOf(Tests)).Should().BeEquivalentTo(TestedThrough.Keys);

    [Fact]
    public void Folders_TestedThroughAType_HaveThatTest() =>
        TestedThrough.Select(through => $"{through.Key[..through.Key.IndexOf('/', StringComparison.Ordinal)]}/{through.Value}").Distinct()
            .Should().BeSubsetOf(Tests.Select(file => file.Folder.Length == 0 ? $"{file.Project}/{file.Name}.cs" : $"{file.Project}/{file.Folder}/{file.Name}.cs"));

    /// <summary>Those of a public type, which lies in the root, lie there or with the mechanism that it belongs to.</summary>
    [Fact]
    public void Tests_OfAnInternalType_LieInItsFolder()
    {
        var misplaced =
            from test in Tests
            where test.Name.EndsWith("Tests", StringComparison.Ordinal) && test.Folder.Length > 0
            let tested = Source.Where(file => file.Project == test.Project && file.Name == test.Name[..^"Tests".Length]).ToList()
            where tested.Count > 0 && tested.TrueForAll(file => file.Folder.Length > 0 && file.Folder != test.Folder)
            select $"{test.Project}.Tests/{test.Folder}/{test.Name} belongs into {tested[0].Folder}";

        misplaced.Should().BeEmpty();
    }

    private static IEnumerable<string> FoldersOf(List<SourceFile> files) =>
        files.Where(file => file.Folder.Length > 0).Select(file => $"{file.Project}/{file.Folder}").Distinct();

    private static List<SourceFile> FilesOf(string root, string suffix) =>
    [
        .. from project in Directory.GetDirectories(Path.Combine(Repository.Root, root))
           let name = Path.GetFileName(project)
           where File.Exists(Path.Combine(project, $"{name}.csproj")) && !Whole.Contains(name)
           from file in Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
           let relative = Path.GetRelativePath(project, file).Replace('\\', '/')
           where !relative.StartsWith("obj/", StringComparison.Ordinal) && !relative.StartsWith("bin/", StringComparison.Ordinal)
           let slash = relative.LastIndexOf('/')
           select new SourceFile(name[..^suffix.Length], slash < 0 ? "" : relative[..slash], Path.GetFileNameWithoutExtension(relative)),
    ];

    private sealed record SourceFile(string Project, string Folder, string Name);
}

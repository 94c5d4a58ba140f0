namespace WsPumps.Core.Tests.Package;

/// <summary>Knowledge points one way: connection, pumps, transports, framing. What must be told upwards goes through an interface in the lower folder.</summary>
public sealed class DirectionTests
{
    /// <summary>Each folder with those that it may know. The root's data types (options, messages, records, <see cref="IClient"/>) are everybody's.</summary>
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Diagnostics"] = [],
        ["Framing"] = [],
        ["Compression"] = ["Framing"],
        ["Transports"] = ["Framing", "Compression"],
        ["Inbound"] = ["Framing", "Compression", "Transports", "Diagnostics"],
        ["Outbound"] = ["Framing", "Compression", "Transports", "Diagnostics"],
        ["Streaming"] = ["Framing", "Compression", "Inbound", "Outbound", "Diagnostics"],
        ["Sessions"] = ["Framing", "Compression", "Transports", "Inbound", "Outbound", "Diagnostics"],
        ["Registry"] = ["Diagnostics"],
        ["Broadcasting"] = ["Framing", "Outbound", "Registry", "Diagnostics"],
        ["Lifetime"] = ["Framing", "Compression", "Transports", "Inbound", "Outbound", "Sessions", "Streaming", "Registry", "Diagnostics"],
        ["History"] = ["Broadcasting", "Registry", "Diagnostics"],
        ["Clustering"] = ["History", "Lifetime", "Sessions", "Outbound", "Registry", "Framing", "Diagnostics"],
    };

    /// <summary>What the root makes of the folders: none of them may know it, but those that stand above it.</summary>
    private static readonly string[] Facades = [nameof(Client), nameof(Manager), nameof(Broadcaster)];

    private static readonly string[] AboveTheRoot = ["Clustering"];

    [Fact]
    public void Folders_References_PointOneWay()
    {
        var violations =
            from type in typeof(Client).Assembly.GetTypes()
            let folder = FolderOf(type)
            where folder.Length > 0 && MayKnow.ContainsKey(folder)
            from other in TypeReferences.Of(type)
            let otherFolder = FolderOf(other)
            where otherFolder.Length == 0 ? Facades.Contains(other.Name) && !AboveTheRoot.Contains(folder) : otherFolder != folder && !MayKnow[folder].Contains(otherFolder)
            select $"{folder}/{TypeReferences.Outermost(type).Name} -> {otherFolder}/{other.Name}";

        string.Join('\n', violations.Distinct().Order()).Should().BeEmpty("a folder knows those below it only; let the lower one declare a small interface instead");
    }

    [Fact]
    public void Folders_All_HaveAPlaceInTheDirection() =>
        typeof(Client).Assembly.GetTypes().Select(FolderOf).Where(folder => folder.Length > 0).Distinct().Should().BeSubsetOf(MayKnow.Keys);

    [Fact]
    public void TypeReferences_OfCodeAndSignatures_AreFound() =>
        TypeReferences.Of(typeof(Client)).Should().Contain([typeof(IClient), typeof(ClientSettings), typeof(WsPumps.Lifetime.PumpRuns)]);

    /// <summary>Namespaces are folders.</summary>
    private static string FolderOf(Type type) =>
        TypeReferences.Outermost(type).Namespace is { } name && name.StartsWith("WsPumps.", StringComparison.Ordinal) ? name["WsPumps.".Length..] : "";
}

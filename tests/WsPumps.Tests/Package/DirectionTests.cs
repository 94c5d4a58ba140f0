namespace WsPumps.Tests.Package;

/// <summary>Knowledge points one way in the server too: extensions, endpoints, sessions and messages, hosting.</summary>
public sealed class DirectionTests
{
    /// <summary>Each folder with those that it may know. What users see, in the root, is everybody's.</summary>
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Hosting"] = [],
        ["Script"] = [],
        ["Messages"] = ["Hosting"],
        ["Sessions"] = ["Hosting"],
        ["Endpoints"] = ["Hosting", "Messages", "Sessions"],
        ["Dashboard"] = ["Hosting", "Endpoints", "Script"],
    };

    [Fact]
    public void Folders_References_PointOneWay()
    {
        var violations =
            from type in typeof(WebSocketPumpsNode).Assembly.GetTypes()
            let folder = FolderOf(type)
            where MayKnow.ContainsKey(folder)
            from other in TypeReferences.Of(type)
            let otherFolder = FolderOf(other)
            where otherFolder.Length > 0 && otherFolder != folder && !MayKnow[folder].Contains(otherFolder)
            select $"{folder}/{TypeReferences.Outermost(type).Name} -> {otherFolder}/{other.Name}";

        string.Join('\n', violations.Distinct().Order()).Should().BeEmpty("a folder knows those below it only; let the lower one declare a small interface instead");
    }

    [Fact]
    public void Folders_All_HaveAPlaceInTheDirection() =>
        typeof(WebSocketPumpsNode).Assembly.GetTypes().Select(FolderOf).Where(folder => folder.Length > 0).Distinct()
            .Should().BeSubsetOf(MayKnow.Keys);

    /// <summary>Namespaces are folders; extension methods stand in the namespaces of what they extend.</summary>
    private static string FolderOf(Type type) =>
        TypeReferences.Outermost(type).Namespace is { } name && name.StartsWith("WsPumps.", StringComparison.Ordinal) ? name["WsPumps.".Length..] : "";
}

using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace WsPumps.Docs.Tests;

public sealed class VersionTests
{
    private static string Version => XDocument.Load(Path.Combine(Repository.Root, "src", "Directory.Build.props"))
        .Descendants("VersionPrefix").Single().Value;

    [Fact]
    public void Changelog_FirstHeading_IsOfTheVersionThatIsBuilt()
    {
        var changelog = File.ReadAllText(Path.Combine(Repository.Root, "CHANGELOG.md"));

        Regex.Match(changelog, @"^## (\d+\.\d+\.\d+)", RegexOptions.Multiline).Groups[1].Value.Should().Be(Version);
    }

    [Fact]
    public void BrowserClient_HasTheVersionOfThePackages()
    {
        using var package = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "src", "ws-pumps-js", "package.json")));

        package.RootElement.GetProperty("version").GetString().Should().Be(Version);
    }
}

using System.Text.RegularExpressions;

namespace WsPumps.Docs.Tests;

public sealed partial class GuaranteesTests
{
    [Fact]
    public void GuaranteesPage_EachTestNamed_Exists()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "guarantees.md"));
        var tests = Directory.GetFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Method().Matches(File.ReadAllText(file))).Select(match => match.Groups["name"].Value);

        var named = Name().Matches(page).Select(match => match.Groups["name"].Value).ToList();

        named.Should().HaveCountGreaterThan(40).And.BeSubsetOf(tests);
    }

    [GeneratedRegex(@"public (async )?(Task|void) (?<name>\w+)\(", RegexOptions.ExplicitCapture)]
    private static partial Regex Method();

    [GeneratedRegex(@"`(?<name>\w+_\w+_\w+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}

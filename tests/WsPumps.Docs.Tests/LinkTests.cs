namespace WsPumps.Docs.Tests;

public sealed class LinkTests
{
    public static TheoryData<string> Pages => [.. Repository.Pages.Select(page => page.Path)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_EachLinkInsideTheRepository_LeadsSomewhere(string path)
    {
        var page = Repository.Page(path);

        var broken = page.Links.Where(link => !Uri.IsWellFormedUriString(link.Target, UriKind.Absolute) && !Leads(page, link.Target))
            .Select(link => $"{path}({link.Line}): {link.Target}");

        string.Join('\n', broken).Should().BeEmpty();
    }

    [Fact]
    public void Docs_EachPage_IsLinkedFromTheIndex()
    {
        var linked = Repository.Page("docs/index.md").Links.Select(link => $"docs/{link.Target}");

        Repository.Pages.Select(page => page.Path).Where(path => path.StartsWith("docs/", StringComparison.Ordinal) && path != "docs/index.md").Should().BeSubsetOf(linked);
    }

    [Fact]
    public void Docs_EachPage_IsInTheContentsOfTheSite()
    {
        var contents = File.ReadAllText(Path.Combine(Repository.Root, "docs", "toc.yml"));

        Repository.Pages.Select(page => page.Path).Where(path => path.StartsWith("docs/", StringComparison.Ordinal))
            .Where(path => !contents.Contains(path.Replace("docs/", "href: ", StringComparison.Ordinal), StringComparison.Ordinal))
            .Should().BeEmpty("docs/toc.yml lists the pages of the site");
    }

    [Fact]
    public void Readme_Heading_IsAnAnchor()
    {
        var page = new MarkdownPage("sample.md", ["# What's `new`, and why", "```", "# no heading", "```", "# Twice", "## Twice"]);

        page.HasAnchor("whats-new-and-why").Should().BeTrue();
        page.HasAnchor("no-heading").Should().BeFalse();
        page.HasAnchor("twice-1").Should().BeTrue();
    }

    private static bool Leads(MarkdownPage from, string target)
    {
        var (file, anchor) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, null);
        var path = file.Length == 0 ? from.Path : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(from.Path)!, file));
        if (anchor is not null)
            return Repository.Pages.SingleOrDefault(page => page.Path == path)?.HasAnchor(anchor) ?? false;

        var whole = Path.Combine(Repository.Root, path);
        return File.Exists(whole) || Directory.Exists(whole);
    }
}

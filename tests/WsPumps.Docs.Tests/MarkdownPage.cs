using System.Text.RegularExpressions;

namespace WsPumps.Docs.Tests;

/// <summary>As much of Markdown as the tests ask for: fenced code, headings and links.</summary>
internal sealed partial class MarkdownPage
{
    private readonly List<CodeBlock> _code = [];
    private readonly List<PageLink> _links = [];
    private readonly Dictionary<string, int> _anchors = [];

    /// <param name="path">Below the root of the repository.</param>
    /// <param name="lines">The content.</param>
    public MarkdownPage(string path, IReadOnlyList<string> lines)
    {
        Path = path;
        Text = string.Join('\n', lines);
        for (var at = 0; at < lines.Count; at++)
        {
            if (Fence().Match(lines[at]) is { Success: true } fence)
                at = ReadCode(lines, at, fence);
            else
                ReadText(lines[at], at + 1);
        }
    }

    public string Path { get; }

    public string Text { get; }

    public IReadOnlyList<CodeBlock> Code => _code;

    public IReadOnlyList<PageLink> Links => _links;

    /// <summary>What a link to a heading of this page ends with, by the rule of the places where repositories are read.</summary>
    public bool HasAnchor(string anchor) => _anchors.ContainsKey(anchor);

    private int ReadCode(IReadOnlyList<string> lines, int start, Match fence)
    {
        var indent = fence.Groups["indent"].Length;
        var end = start + 1;
        while (end < lines.Count && !lines[end].TrimStart().StartsWith(fence.Groups["ticks"].Value, StringComparison.Ordinal))
            end++;
        if (end == lines.Count)
            throw new FormatException($"{Path}({start + 1}): this code block has no end.");

        var code = lines.Skip(start + 1).Take(end - start - 1).Select(line => line[Math.Min(indent, line.Length - line.TrimStart().Length)..]);
        _code.Add(new CodeBlock(Path, start + 2, fence.Groups["language"].Value, string.Join('\n', code)));
        return end;
    }

    private void ReadText(string line, int number)
    {
        if (Heading().Match(line) is { Success: true } heading)
            AddAnchor(heading.Groups["text"].Value);
        foreach (Match anchor in NamedAnchor().Matches(line))
            _anchors[anchor.Groups["name"].Value] = 0;

        var text = InlineCode().Replace(line, "");
        foreach (Match link in Link().Matches(text))
            _links.Add(new PageLink(number, link.Groups["target"].Value));
    }

    /// <summary>Small letters, blanks as hyphens, no other signs; the second of a name gets a number.</summary>
    private void AddAnchor(string heading)
    {
        var words = LinkText().Replace(heading, "${text}").ToLowerInvariant();
        var anchor = string.Concat(words.Where(sign => char.IsLetterOrDigit(sign) || sign is ' ' or '-' or '_')).Replace(' ', '-');
        var count = _anchors.GetValueOrDefault(anchor, 0);
        _anchors[anchor] = count + 1;
        if (count > 0)
            _anchors[$"{anchor}-{count}"] = 1;
    }

    [GeneratedRegex(@"^(?<indent> *)(?<ticks>```+)(?<language>[a-z]*)\s*$")]
    private static partial Regex Fence();

    [GeneratedRegex("^#{1,6} +(?<text>.*?) *#*$")]
    private static partial Regex Heading();

    [GeneratedRegex("<a (id|name)=\"(?<name>[^\"]+)\"")]
    private static partial Regex NamedAnchor();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)[^)]*\)|<(img|source)[^>]* src(set)?=""(?<target>[^""]+)""")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();
}

using System.Globalization;
using System.Net.WebSockets;

namespace WsPumps.Docs.Tests;

public sealed class OptionsReferenceTests
{
    private static readonly string File = Path.Combine(Repository.Root, "docs", "options.md");

    private static readonly Dictionary<string, Func<IEnumerable<Option>>> Tables = new()
    {
        ["connection"] = () => Declared(typeof(ClientOptions)),
        ["endpoint"] = () => Declared(typeof(WebSocketPumpsEndpointOptions)),
        ["application"] = () => Declared(typeof(WebSocketPumpsOptions)),
        ["message"] = () => Declared(typeof(MessageOptions)),
        ["dashboard"] = () => Declared(typeof(DashboardOptions)),
    };

    public static TheoryData<string> TableNames => [.. Tables.Keys];

    public static TheoryData<string> Options => [.. OptionsReference.OptionsOf(typeof(WebSocketPumpsOptions)).Select(option => option.Name)];

    /// <remarks>With <c>UPDATE_DOCS=1</c> in the environment the page is written anew instead.</remarks>
    [Theory]
    [MemberData(nameof(TableNames))]
    public void OptionsPage_Table_IsWhatTheCommentsSay(string name)
    {
        var page = System.IO.File.ReadAllText(File);
        var (start, end) = ($"<!-- {name} -->\n", $"<!-- end of {name} -->");
        var from = page.IndexOf(start, StringComparison.Ordinal) + start.Length;
        var to = page.IndexOf(end, StringComparison.Ordinal);
        from.Should().BeGreaterThan(start.Length, $"docs/options.md marks the table with {start}");
        var table = OptionsReference.Table(Tables[name]());

        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") is "1")
            System.IO.File.WriteAllText(File, page[..from] + table + page[to..]);
        else
            page[from..to].Should().Be(table, "docs/options.md is made from the comments in src: run UPDATE_DOCS=1 dotnet test tests/WsPumps.Docs.Tests and look at the difference");
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Option_Comment_NamesTheDefaultItHas(string name)
    {
        var option = Find(name);
        var (_, said) = OptionsReference.Split(XmlDocs.Of(option.Property, "value"));

        said.Should().NotBeEmpty($"the <value> of {name} tells its default");
        if (Words(option.DefaultOf(new WebSocketPumpsOptions())) is { } expected)
            said.Should().Contain(expected);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Option_Comment_TellsWhatItIs(string name) =>
        XmlDocs.Of(Find(name).Property, "summary").Should().NotBeEmpty();

    private static Option Find(string name) => OptionsReference.OptionsOf(typeof(WebSocketPumpsOptions)).Single(option => option.Name == name);

    /// <summary>How a comment writes a value; null where it uses words of its own.</summary>
    private static string? Words(object? value) => value switch
    {
        bool known => known ? "true" : "false",
        int number => number.ToString("N0", CultureInfo.InvariantCulture),
        double number => number.ToString(CultureInfo.InvariantCulture),
        WebSocketCloseStatus code => $"{(int)code}",
        Enum known => known.ToString(),
        TimeSpan time when time > TimeSpan.Zero && time < TimeSpan.FromMinutes(2) && time.Milliseconds == 0 => $"{time.TotalSeconds} second",
        _ => null,
    };

    /// <summary>Without what the type inherits, which has a table of its own.</summary>
    private static IEnumerable<Option> Declared(Type type) => OptionsReference.OptionsOf(type).Where(option => (option.Holder ?? option.Property).DeclaringType == type);
}

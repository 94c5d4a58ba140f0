namespace WsPumps.Docs.Tests;

public sealed class CodeBlockTests
{
    private const string Readme = "README.md";

    public static TheoryData<string> PagesWithCode =>
        [.. Repository.Pages.Where(page => page.Path != Readme && page.Code.Any(IsCSharp)).Select(page => page.Path)];

    [Theory]
    [MemberData(nameof(PagesWithCode))]
    public void Page_EachBlock_Compiles(string page)
    {
        var blocks = Repository.Page(page).Code.Where(IsCSharp).ToList();
        var complaints = blocks.SelectMany((block, index) => CodeCompiler.Compile(block, blocks.Take(index).Where(before => before.IsOfUsings)));

        string.Join('\n', complaints).Should().BeEmpty();
    }

    /// <summary>As a reader types it: nothing but what stands on the page so far, its usings included.</summary>
    [Fact]
    public void Readme_EachBlockAddedToThoseBefore_Compiles()
    {
        var blocks = Repository.Page(Readme).Code.Where(IsCSharp).ToList();
        var complaints = Enumerable.Range(1, blocks.Count).Select(count => CodeCompiler.Compile(Grown(blocks.Take(count))).ToList());

        string.Join('\n', complaints.FirstOrDefault(found => found.Count > 0) ?? []).Should().BeEmpty();
    }

    [Theory]
    [InlineData("client.WriteAsynk();", "sample.md(7): Error CS1061")]
    [InlineData("string text = null;", "sample.md(7): Warning CS8600")]
    [InlineData("var builder = WebApplication.CreateBuilder(args);\nclient.Abort();", "sample.md(8): Error CS0103")]
    public void Compile_Wrong_TellsPageAndLine(string code, string expected) =>
        CodeCompiler.Compile(new CodeBlock("sample.md", 7, "csharp", code)).Should().Contain(complaint => complaint.StartsWith(expected));

    [Theory]
    [InlineData("builder.Services.AddWebSocketPumps();")]
    [InlineData("endpoint.OnMessage((client, message, token) => default);")]
    [InlineData("await client.WriteAsync(message, token);\nsealed record Extra(string Name);")]
    [InlineData("[System.Text.Json.Serialization.JsonSerializable(typeof(int))]\npartial class Own : System.Text.Json.Serialization.JsonSerializerContext;")]
    public void Compile_Fragment_HasNothingAgainstIt(string code) =>
        CodeCompiler.Compile(new CodeBlock("sample.md", 1, "csharp", code)).Should().BeEmpty();

    [Fact]
    public void Pages_EachBlock_IsMarkedSoThatItIsCompiled() =>
        Repository.Pages.SelectMany(page => page.Code).Where(block => block.Language is "cs" or "c").Should().BeEmpty("the word behind the fence is csharp");

    /// <summary>A using that only a later block brings is missed in the one that needs it first.</summary>
    [Fact]
    public void Grown_UsingComesOnlyLater_IsMissed()
    {
        var first = new CodeBlock("sample.md", 3, "csharp", "using WsPumps;\nvar builder = WebApplication.CreateBuilder(args);\nvar app = builder.Build();\napp.Run();");
        var second = new CodeBlock("sample.md", 9, "csharp", "app.MapGet(\"/\", () => WebSocketCloseStatus.NormalClosure);");

        CodeCompiler.Compile(Grown([first])).Should().BeEmpty();
        CodeCompiler.Compile(Grown([first, second])).Should().ContainSingle().Which.Should().StartWith("sample.md(9): Error CS0103");
    }

    private static CodeBlock Grown(IEnumerable<CodeBlock> blocks) => new("Program.cs", 1, "csharp", new GrowingProgram(blocks).Code);

    private static bool IsCSharp(CodeBlock block) => block.Language is "csharp";
}

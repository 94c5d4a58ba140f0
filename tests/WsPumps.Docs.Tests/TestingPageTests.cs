namespace WsPumps.Docs.Tests;

/// <summary>The tests that docs/testing.md shows are run as they stand there, with the usings that it tells a project for tests to have.</summary>
public sealed class TestingPageTests
{
    public static TheoryData<int> Blocks => [.. Examples.Select(block => block.Line)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public Task Page_EachTest_Passes(int line) => CodeCompiler.RunAsync(Examples.Single(block => block.Line == line), Usings);

    private static IEnumerable<CodeBlock> Code => Repository.Page("docs/testing.md").Code.Where(block => block.Language is "csharp");

    private static CodeBlock Usings => Code.First(block => block.IsOfUsings);

    /// <summary>What tests an application needs one.</summary>
    private static IEnumerable<CodeBlock> Examples => Code.Where(block =>
        !block.IsOfUsings && !block.Code.Contains("WebApplicationFactory", StringComparison.Ordinal));
}

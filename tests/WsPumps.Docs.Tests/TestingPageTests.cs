namespace WsPumps.Docs.Tests;

/// <summary>The tests that docs/testing.md shows are run as they stand there.</summary>
public sealed class TestingPageTests
{
    public static TheoryData<int> Blocks => [.. Examples.Select(block => block.Line)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public Task Page_EachTest_Passes(int line) => CodeCompiler.RunAsync(Examples.Single(block => block.Line == line));

    private static IEnumerable<CodeBlock> Examples => Repository.Page("docs/testing.md").Code.Where(block => block.Language is "csharp");
}

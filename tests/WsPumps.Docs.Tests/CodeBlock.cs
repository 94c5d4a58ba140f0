namespace WsPumps.Docs.Tests;

/// <param name="Page">The page, below the root of the repository.</param>
/// <param name="Line">The number of its first line of code.</param>
/// <param name="Language">The word behind the fence.</param>
/// <param name="Code">The code.</param>
internal sealed record CodeBlock(string Page, int Line, string Language, string Code)
{
    /// <summary>What the page asks a project to have, for the blocks that follow.</summary>
    public bool IsOfUsings => Code.StartsWith("global using", StringComparison.Ordinal);
}

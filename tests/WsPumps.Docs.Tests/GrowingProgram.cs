using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace WsPumps.Docs.Tests;

/// <summary>
/// The blocks of a page as one program, put together as a reader does: usings at the top, services before the application is built, what maps
/// before it runs, types at the end. Nothing is there that the page does not show.
/// </summary>
internal sealed class GrowingProgram
{
    private readonly List<(CodeBlock Block, SyntaxNode Node)> _usings = [];
    private readonly List<(CodeBlock Block, SyntaxNode Node)> _services = [];
    private readonly List<(CodeBlock Block, SyntaxNode Node)> _application = [];
    private readonly List<(CodeBlock Block, SyntaxNode Node)> _end = [];
    private readonly List<(CodeBlock Block, SyntaxNode Node)> _types = [];

    /// <param name="blocks">In the order of the page; the first is a whole program that ends with <c>app.Run();</c>.</param>
    public GrowingProgram(IEnumerable<CodeBlock> blocks)
    {
        foreach (var block in blocks)
            Add(block);
    }

    /// <summary>The program, with directives that lead a complaint back to the page.</summary>
    public string Code
    {
        get
        {
            var code = new StringBuilder();
            foreach (var (block, node) in _usings.Concat(_services).Concat(_application).Concat(_end).Concat(_types))
                code.Append($"#line {block.Line + node.GetLocation().GetLineSpan().StartLinePosition.Line} \"{block.Page}\"\n{node}\n");
            return code.ToString();
        }
    }

    private void Add(CodeBlock block)
    {
        var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(block.Code, CodeCompiler.Parsing).GetRoot();
        _usings.AddRange(root.Usings.Select(line => (block, (SyntaxNode)line)));
        foreach (var member in root.Members)
            PlaceOf(member).Add((block, member));
    }

    private List<(CodeBlock Block, SyntaxNode Node)> PlaceOf(MemberDeclarationSyntax member) => member switch
    {
        GlobalStatementSyntax { Statement: ExpressionStatementSyntax statement } when statement.ToString() is "app.Run();" => _end,
        GlobalStatementSyntax { Statement: ExpressionStatementSyntax statement } when statement.ToString().StartsWith("builder.", StringComparison.Ordinal) => _services,
        GlobalStatementSyntax { Statement: LocalDeclarationStatementSyntax statement } when statement.ToString().StartsWith("var builder ", StringComparison.Ordinal) => _services,
        GlobalStatementSyntax => _application,
        _ => _types,
    };
}

using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace WsPumps.Docs.Tests.Extensibility;

/// <summary>What a user writes to stand in the library's place stays small, and needs none of its internals.</summary>
public sealed class SizeTests
{
    private const int MaxLines = 40;

    [Fact]
    public void OwnTypes_All_HaveFewerThan40Lines()
    {
        var own = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "WsPumps.Docs.Tests", "Extensibility"), "*.cs")
            .SelectMany(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>())
            .Where(type => !type.Identifier.Text.EndsWith("Tests", StringComparison.Ordinal))
            .Select(type => (Of: type.BaseList?.Types[0].Type.ToString() ?? "", Lines: type.GetText().ToString().Trim().Split('\n').Length))
            .ToList();

        own.Select(type => type.Of).Should().Contain(
            [nameof(IBackplane), nameof(IBroadcastRoute), nameof(IManager), nameof(IClient), nameof(DelegatingClient)]);
        own.Should().OnlyContain(type => type.Lines < MaxLines);
    }

    [Theory]
    [InlineData(typeof(IClient))]
    [InlineData(typeof(WebSocketPumpsEndpointBuilder))]
    [InlineData(typeof(Testing.RecordingClient))]
    public void Internals_OfThePackages_AreNotVisibleHere(Type oneOfIt) =>
        oneOfIt.Assembly.GetCustomAttributes(typeof(InternalsVisibleToAttribute), inherit: false).Cast<InternalsVisibleToAttribute>()
            .Select(attribute => attribute.AssemblyName).Should().NotContain(typeof(SizeTests).Assembly.GetName().Name);
}

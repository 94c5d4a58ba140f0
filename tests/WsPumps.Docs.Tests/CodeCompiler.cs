using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace WsPumps.Docs.Tests;

/// <summary>
/// Compiles a block of a page by itself, as a program of the ASP.NET Core web SDK would: with its implicit usings and with the source
/// generator for JSON. A block that is no whole program may use the variables of <see cref="Surroundings"/> as well.
/// </summary>
internal static class CodeCompiler
{
    /// <summary>Of every project.</summary>
    private const string PlainUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;

        """;

    private const string WebUsings = PlainUsings + """
        global using System.Net.Http.Json;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;

        """;

    /// <summary>Static members, not locals: a lambda of the block may name its parameters the same.</summary>
    private const string Surroundings = """
        global using WsPumps;
        global using static Surroundings;

        internal static class Surroundings
        {
            public static WebApplicationBuilder builder => throw new NotImplementedException();
            public static WebApplication app => throw new NotImplementedException();
            public static WebSocketPumpsEndpointBuilder endpoint => throw new NotImplementedException();
            public static IClient client => throw new NotImplementedException();
            public static Broadcaster broadcaster => throw new NotImplementedException();
            public static Manager manager => throw new NotImplementedException();
            public static IBackplane engine => throw new NotImplementedException();
            public static Cluster cluster => throw new NotImplementedException();
            public static PreparedMessage message => throw new NotImplementedException();
            public static CancellationToken token => throw new NotImplementedException();
        }
        """;

    public static readonly CSharpParseOptions Parsing = new(LanguageVersion.CSharp14);

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(file => MetadataReference.CreateFromFile(file)),
    ];

    /// <returns>What the compiler has against it, as <c>page(line): message</c>; empty when nothing.</returns>
    /// <param name="block">The block.</param>
    /// <param name="usings">The blocks of usings that stand before it on its page.</param>
    public static IEnumerable<string> Compile(CodeBlock block, IEnumerable<CodeBlock>? usings = null) =>
        ComplaintsOf(CompilationOf(block, usings ?? []));

    /// <summary>Runs a block that is a program, to its end: in a project that is none of the web SDK.</summary>
    /// <param name="block">The program.</param>
    /// <param name="usings">The usings that the page asks for.</param>
    public static async Task RunAsync(CodeBlock block, CodeBlock usings)
    {
        var compilation = CompilationOf(block, [PlainUsings + usings.Code]);
        using var assembly = new MemoryStream();
        if (!compilation.Emit(assembly).Success)
            throw new FormatException(string.Join('\n', ComplaintsOf(compilation)));

        var main = Assembly.Load(assembly.ToArray()).EntryPoint ?? throw new FormatException($"{block.Page}({block.Line}): this block has nothing to run.");
        // The entry point of a program that awaits blocks its thread.
        await Task.Run(() => main.Invoke(null, main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()])).InTime();
    }

    private static Compilation CompilationOf(CodeBlock block, IEnumerable<CodeBlock> usings)
    {
        var isProgram = block.Code.Contains("WebApplication.CreateBuilder", StringComparison.Ordinal);
        return CompilationOf(block, [isProgram ? WebUsings : WebUsings + Surroundings, .. usings.Select(before => before.Code)]);
    }

    private static Compilation CompilationOf(CodeBlock block, IEnumerable<string> surroundings)
    {
        var tree = CSharpSyntaxTree.ParseText($"#line {block.Line} \"{block.Page}\"\n{block.Code}", Parsing);
        var around = surroundings.Select(text => CSharpSyntaxTree.ParseText(text, Parsing));
        var hasStatements = tree.GetRoot().ChildNodes().OfType<GlobalStatementSyntax>().Any();
        Compilation compilation = CSharpCompilation.Create(
            "Block",
            [.. around, tree],
            References,
            new CSharpCompilationOptions(hasStatements ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

        CSharpGeneratorDriver.Create([JsonGenerator()], parseOptions: Parsing).RunGeneratorsAndUpdateCompilation(compilation, out compilation, out _);
        return compilation;
    }

    private static List<string> ComplaintsOf(Compilation compilation) =>
        compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity is DiagnosticSeverity.Error or DiagnosticSeverity.Warning).Select(Describe).ToList();

    private static string Describe(Diagnostic diagnostic)
    {
        var place = diagnostic.Location.GetMappedLineSpan();
        return $"{place.Path}({place.StartLinePosition.Line + 1}): {diagnostic.Severity} {diagnostic.Id}: {diagnostic.GetMessage(null)}";
    }

    /// <summary>From the reference pack of the SDK that runs the tests.</summary>
    private static ISourceGenerator JsonGenerator()
    {
        var packs = new DirectoryInfo(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../../packs/Microsoft.NETCore.App.Ref"));
        var generator = packs.GetFiles("System.Text.Json.SourceGeneration.dll", SearchOption.AllDirectories).MaxBy(file => file.FullName, StringComparer.Ordinal)
            ?? throw new InvalidOperationException($"No source generator for JSON below {packs.FullName}: the SDK is incomplete.");
        var type = Assembly.LoadFrom(generator.FullName).GetType("System.Text.Json.SourceGeneration.JsonSourceGenerator", throwOnError: true)!;
        return ((IIncrementalGenerator)Activator.CreateInstance(type)!).AsSourceGenerator();
    }
}

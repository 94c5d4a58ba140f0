namespace WsPumps.Docs.Tests;

/// <summary>Types of the user's own that have the names of ours, in a web application with its implicit usings and <c>using WsPumps;</c>.</summary>
public sealed class NameCollisionTests
{
    private const string Program = """
        using WsPumps;
        using System.Net.WebSockets;

        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddWebSocketPumps();
        var app = builder.Build();
        app.MapWebSocketPumps("/", endpoint => endpoint.OnMessage((client, message, token) => client.WriteAsync(message.GetText(), token)));
        app.MapGet("/clients", (Broadcaster everybody) => everybody.All.Local.Count);
        app.Run();


        """;

    /// <summary>Types of a program without a namespace, or of a namespace that encloses the code, come before those of a using.</summary>
    [Theory]
    [InlineData("sealed record Client(int Id);\nsealed record Message(Client From, string Text);\nsealed class Manager { public Client? Boss { get; set; } }\nsealed class Audience { public List<Message> Seen { get; } = []; }")]
    [InlineData("namespace Shop.Orders { sealed record Client(int Id); sealed class Manager(Client client) { public Client Client => client; public Message Note => new(client); } sealed record Message(Client From); }")]
    [InlineData("namespace Shop.Domain { sealed record Client(int Id); }\nnamespace Shop.Web { using Client = Shop.Domain.Client; sealed record Page(Client Owner); }")]
    public void UsersOwnTypes_WithOurNames_AreTheUsers(string types) =>
        CodeCompiler.Compile(new CodeBlock("Program.cs", 1, "csharp", Program + types)).Should().BeEmpty();

    /// <summary>Each public type is named as an application does, with only the implicit usings of the web SDK beside ours.</summary>
    [Fact]
    public void OurTypes_BesideTheImplicitUsings_AreNotAmbiguous()
    {
        var names = new[] { typeof(IClient).Assembly, typeof(IWebSocketPumpsBuilder).Assembly }.SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type is { Namespace: "WsPumps", IsNested: false, IsGenericType: false }).Select(type => type.Name);

        CodeCompiler.Compile(new CodeBlock("Program.cs", 1, "csharp", Program + string.Concat(names.Select(name => $"partial class Uses {{ const string _{name} = nameof({name}); }}\n"))))
            .Where(complaint => !complaint.Contains("CS0414", StringComparison.Ordinal)).Should().BeEmpty();
    }
}

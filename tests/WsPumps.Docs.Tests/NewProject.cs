using System.IO.Compression;

namespace WsPumps.Docs.Tests;

/// <summary>What <c>dotnet new web</c> makes, with the package added: from a feed with nothing in it but the packages as they are published.</summary>
public sealed class NewProject : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wspumps-walk").FullName;

    private string Project => Path.Combine(_folder, "Hello");

    private string Packages => Path.Combine(_folder, "packages");

    public async Task InitializeAsync()
    {
        foreach (var project in new[] { "WsPumps.Core", "WsPumps" })
            await Command.RunAsync(Repository.Root, Packages, $"pack src/{project} --configuration Release --artifacts-path \"{_folder}/artifacts\" --output \"{_folder}/feed\"");

        // A web project needs nothing else.
        await File.WriteAllTextAsync(Path.Combine(_folder, "nuget.config"), """
            <configuration><packageSources><clear /><add key="local" value="feed" /></packageSources></configuration>
            """);
        await Command.RunAsync(_folder, Packages, "new web -o Hello");
        await Command.RunAsync(Project, Packages, "add package WsPumps");
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    public async Task WriteAsync(string file, string content)
    {
        var path = Path.Combine(Project, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content);
    }

    /// <returns>A package as it is published.</returns>
    public ZipArchive Open(string package) => ZipFile.OpenRead(Directory.GetFiles(Path.Combine(_folder, "feed"), $"{package}.*.nupkg")
        .Single(file => char.IsAsciiDigit(Path.GetFileName(file)[package.Length + 1])));

    /// <returns>The server, and its address.</returns>
    internal Task<(Command Server, string Address)> RunAsync() => Command.StartAsync(Project, Packages, "run --urls http://127.0.0.1:0", "Now listening on: ");
}

namespace WsPumps.Tests.Package;

public sealed class PublicApiTests
{
    private const string Update = "WSPUMPS_UPDATE_API";

    [Theory]
    [InlineData("WsPumps.Core", typeof(IClient))]
    [InlineData("WsPumps", typeof(WebSocketPumpsEndpointBuilder))]
    [InlineData("WsPumps.Testing", typeof(Testing.TestPeer))]
    [InlineData("WsPumps.Redis", typeof(RedisBackplaneOptions))]
    [InlineData("WsPumps.Nats", typeof(NatsBackplaneOptions))]
    public void PublicApi_Package_IsAsInTheBaseline(string package, Type oneOfIt)
    {
        var file = Repository.PathOf("src", package, "PublicApi.txt");
        var api = new PublicApi(oneOfIt.Assembly).Describe();
        if (Environment.GetEnvironmentVariable(Update) == "1")
            File.WriteAllText(file, api);

        var baseline = File.ReadAllLines(file);
        var lines = api.TrimEnd('\n').Split('\n');
        var (gone, added) = (Without(baseline, lines), Without(lines, baseline));
        var same = baseline.SequenceEqual(lines);

        same.Should().BeTrue(
            $"the public API of {package} is a promise, and it has changed:\n{string.Concat(gone.Select(line => $"  - {line}\n"))}{string.Concat(added.Select(line => $"  + {line}\n"))}" +
            $"If that is meant, run the test again with {Update}=1, which writes {Path.GetRelativePath(Repository.Root, file)}, and commit the file; a line that is gone breaks users");
    }

    /// <summary>Lines of the first that the second has not, with repeated ones counted.</summary>
    private static List<string> Without(IEnumerable<string> lines, IEnumerable<string> others)
    {
        var left = others.ToList();
        return [.. lines.Where(line => !left.Remove(line))];
    }
}

using WsPumps.Tests.Package;

namespace WsPumps.Reconnecting.Tests.Package;

public sealed class PublicApiTests
{
    private const string Update = "WSPUMPS_UPDATE_API";

    [Fact]
    public void PublicApi_Package_IsAsInTheBaseline()
    {
        var file = Repository.PathOf("src", "WsPumps.Reconnecting", "PublicApi.txt");
        var api = new PublicApi(typeof(ReconnectingClient).Assembly).Describe();
        if (Environment.GetEnvironmentVariable(Update) == "1")
            File.WriteAllText(file, api);

        api.Should().Be(File.ReadAllText(file), $"the public API is a promise: if the change is meant, run the test again with {Update}=1 and commit the file");
    }
}

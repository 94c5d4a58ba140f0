using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class SubProtocolNegotiationTests
{
    [Theory]
    [InlineData("v2,v1", "v1,v2", "v2")]
    [InlineData("v2,v1", "v1,v0", "v1")]
    [InlineData("v2,v1", "v0", null)]
    [InlineData("v2,v1", "", null)]
    [InlineData("", "v1", null)]
    [InlineData("v1", "V1", null)]
    public async Task Handshake_Offer_FirstOfOursThatWasOfferedIsAgreedOn(string ours, string offered, string? agreed)
    {
        string? inSetup = "not called";
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            foreach (var subProtocol in Split(ours))
                endpoint.Options.SubProtocols.Add(subProtocol);
            endpoint.Setup(setup =>
            {
                inSetup = setup.SubProtocol;
                return default;
            });
            Echo.Endpoint(endpoint);
        });

        var peer = await host.ConnectAsync(configure: options => Array.ForEach(Split(offered), options.AddSubProtocol));
        var client = await host.Callbacks.NextRegisteredAsync();

        peer.SubProtocol.Should().Be(agreed);
        inSetup.Should().Be(agreed);
        ((Client)client).SubProtocol.Should().Be(agreed);
        await peer.CloseAsync();
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}

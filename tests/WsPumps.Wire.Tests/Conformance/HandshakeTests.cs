using System.Net;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Conformance;

/// <summary>RFC 6455, section 4.4, over HTTP/2 (RFC 8441). What HTTP/1.1 answers is tested with the endpoint.</summary>
public sealed class HandshakeTests
{
    [Theory]
    [InlineData("8", false)]
    [InlineData("8", true)]
    [InlineData("14", false)]
    [InlineData("", false)]
    public async Task Request_OtherVersionOverHttp2_Answers400WithTheOneThatIsSpoken(string version, bool tls)
    {
        await using var server = await WireServer.StartEchoAsync();
        using var http = Http2Handshake.Invoker();

        using var answer = await Http2Handshake.SendAsync(http, server.EndPoint(tls ? 2 : 1), WireServer.Path, tls, version).InTime();

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, "there is no Upgrade that 426 could ask for");
        answer.Headers.GetValues("Sec-WebSocket-Version").Should().Equal("13");
        (await answer.Content.ReadAsStringAsync().InTime()).Should().Contain("13");
        server.Registered.Should().Be(0);
    }
}

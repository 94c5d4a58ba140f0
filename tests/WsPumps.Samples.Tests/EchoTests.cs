using System.Net;
using System.Net.WebSockets;

namespace WsPumps.Samples.Tests;

public sealed class EchoTests(EchoServer server) : IClassFixture<EchoServer>
{
    [Fact]
    public async Task Echo_TextAndBinary_ComeBackAsTheirType()
    {
        var echo = server.Process;
        using var socket = await Socket.OpenAsync(echo, "/echo");

        foreach (var type in new[] { WebSocketMessageType.Text, WebSocketMessageType.Binary })
        {
            await socket.SendAsync("Hello"u8.ToArray(), type);
            var (receivedType, payload) = await socket.ReceiveAsync();
            receivedType.Should().Be(type);
            payload.Should().Equal("Hello"u8.ToArray());
        }
    }

    [Fact]
    public async Task Broadcast_OneClientSends_AllReceiveAlsoTheSender()
    {
        var echo = server.Process;
        using var sender = await Socket.OpenAsync(echo, "/broadcast");
        using var other = await Socket.OpenAsync(echo, "/broadcast");
        // A client that hears itself is registered.
        await other.SendAsync("ready");
        (await other.ReceiveTextAsync()).Should().Be("ready");

        await sender.SendAsync("to all");

        (await other.ReceiveTextAsync()).Should().Be("to all");
        string last;
        do
            last = await sender.ReceiveTextAsync();
        while (last is "ready");
        last.Should().Be("to all");
    }

    [Fact]
    public async Task Session_CutDuringABurst_GoesOnWhereTheClientIs()
    {
        const int count = 300;
        const string secret = "5c1a6b2d9e8f70314253647586978a9b";
        var echo = server.Process;
        var received = new List<string>();
        for (var cut = 0; received.Count < count; cut++)
        {
            using var socket = new Socket();
            await socket.ConnectAsync(echo, "/session", null, $"wspumps.resume.{secret}.{received.Count}", "wspumps.fresh");
            socket.SubProtocol.Should().Be(cut == 0 ? "wspumps.fresh" : $"wspumps.resume.{secret}.{received.Count}");
            if (cut == 0)
                await socket.SendAsync($"burst {count}");
            for (var i = 0; i < 80 && received.Count < count; i++)
                received.Add(await socket.ReceiveTextAsync());
        }

        received.Should().Equal(Enumerable.Range(1, count).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Echo_MaxMessageSizeOnCommandLine_LargerMessageClosesWith1009()
    {
        await using var echo = await SampleProcess.StartAsync("Echo", arguments: "--WebSocketPumps:MaxMessageSize=10");
        using var socket = await Socket.OpenAsync(echo, "/echo");
        await socket.SendAsync("0123456789");
        (await socket.ReceiveTextAsync()).Should().Be("0123456789");

        await socket.SendAsync("0123456789a");

        (await socket.ReceiveAsync()).Type.Should().Be(WebSocketMessageType.Close);
        socket.CloseStatus.Should().Be(WebSocketCloseStatus.MessageTooBig);
    }

    [Fact]
    public async Task Echo_CompressionOptionOnCommandLine_SwitchesItOn()
    {
        await using var echo = await SampleProcess.StartAsync("Echo", arguments: "--WebSocketPumps:Compression:Threshold=0");
        using var socket = new ClientWebSocket();
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(new UriBuilder(new Uri(echo.Address, "/echo")) { Scheme = "ws" }.Uri, CancellationToken.None).InTime();

        socket.HttpResponseHeaders!["Sec-WebSocket-Extensions"].Should().Equal("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
        await socket.SendAsync(new byte[5000], WebSocketMessageType.Binary, true, CancellationToken.None).InTime();
        var buffer = new byte[6000];
        (await socket.ReceiveAsync(buffer, CancellationToken.None).InTime()).Count.Should().Be(5000);
    }

    [Fact]
    public async Task Echo_UnknownOption_DoesNotStartAndNamesIt()
    {
        var (exitCode, output) = await SampleProcess.RunToEndAsync("Echo", "--WebSocketPumps:MaxMesageSize=10");

        exitCode.Should().NotBe(0);
        output.Should().Contain("MaxMesageSize").And.NotContain("Now listening on");
    }

    [Fact]
    public async Task Echo_ContradictingOptions_DoesNotStartAndNamesBoth()
    {
        var (exitCode, output) = await SampleProcess.RunToEndAsync(
            "Echo", "--WebSocketPumps:MaxMessageSize=2000", "--WebSocketPumps:MaxQueuedBytes=1000");

        exitCode.Should().NotBe(0);
        output.Should().Contain("MaxQueuedBytes (1000)").And.Contain("MaxMessageSize (2000)").And.NotContain("Now listening on");
    }

    [Fact]
    public async Task Echo_PageOfForeignSite_RefusedWith403()
    {
        var echo = server.Process;
        using var foreign = new Socket();
        await foreign.Awaiting(socket => socket.ConnectAsync(echo, "/echo", "https://foreign.example"))
            .Should().ThrowAsync<WebSocketException>();
        foreign.HandshakeStatus.Should().Be(HttpStatusCode.Forbidden);

        using var own = new Socket();
        await own.ConnectAsync(echo, "/echo", echo.Address.GetLeftPart(UriPartial.Authority));
        own.HandshakeStatus.Should().Be(HttpStatusCode.SwitchingProtocols);
    }
}

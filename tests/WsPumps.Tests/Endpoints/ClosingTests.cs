using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class ClosingTests
{
    [Theory]
    [InlineData(1000, "")]
    [InlineData(1001, "leaving")]
    [InlineData(3000, "registered")]
    [InlineData(4999, "größer")]
    public async Task Peer_Closes_CodeAndReasonAreAnsweredAndRecorded(int code, string reason)
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (peer, client) = await host.ConnectPairAsync();

        await peer.CloseAsync(code, reason);

        ((int?)peer.CloseStatus).Should().Be(code);
        peer.CloseStatusDescription.Should().Be(reason);
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.PeerClosed);
        ((int?)record.PeerStatus).Should().Be(code);
        ((int?)record.LocalStatus).Should().Be(code);
        record.PeerReason.Should().Be(reason);
    }

    [Fact]
    public async Task Peer_ClosesWithoutACode_IsAnsweredAsNormal()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        await peer.SendAsync(Opcodes.Close, []);

        var frame = (await peer.ReceiveAllAsync()).Should().ContainSingle().Which;
        frame.Opcode.Should().Be(Opcodes.Close);
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.PeerClosed);
        record.PeerStatus.Should().Be(WebSocketCloseStatus.NormalClosure);
    }

    [Theory]
    [InlineData(1000, DisconnectReason.LocalClosed)]
    [InlineData(1001, DisconnectReason.Shutdown)]
    [InlineData(1003, DisconnectReason.LocalClosed)]
    [InlineData(1007, DisconnectReason.LocalClosed)]
    [InlineData(1014, DisconnectReason.LocalClosed)]
    [InlineData(3000, DisconnectReason.LocalClosed)]
    [InlineData(4001, DisconnectReason.LocalClosed)]
    [InlineData(4999, DisconnectReason.LocalClosed)]
    public async Task CloseAsync_AnyValidCode_ReachesThePeerAndBothCodesAreRecorded(int code, DisconnectReason reason)
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (peer, client) = await host.ConnectPairAsync();

        await client.CloseAsync((WebSocketCloseStatus)code, "enough").InTime();

        ((int?)await peer.ReceiveEndAsync()).Should().Be(code);
        peer.CloseStatusDescription.Should().Be("enough");
        await peer.CloseOutputAsync((WebSocketCloseStatus)4321, "understood", CancellationToken.None).InTime();
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(reason);
        ((int?)record.LocalStatus).Should().Be(code);
        ((int?)record.PeerStatus).Should().Be(4321);
        record.PeerReason.Should().Be("understood");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(2999)]
    [InlineData(5000)]
    [InlineData(-1)]
    [InlineData(66536)]
    public async Task CloseAsync_InvalidCode_ThrowsAndTheConnectionGoesOn(int code)
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectKnownAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        var close = () => client.CloseAsync((WebSocketCloseStatus)code);

        (await close.Should().ThrowAsync<ArgumentOutOfRangeException>()).Which.ActualValue.Should().Be(code);
        await peer.SendTextAsync("open");
        (await peer.ReceiveTextAsync()).Should().Be("open");
    }

    [Theory]
    [InlineData(123, "", 123)]
    [InlineData(124, "", 123)]
    [InlineData(122, "é", 122)]
    [InlineData(121, "é", 123)]
    [InlineData(121, "€", 121)]
    [InlineData(120, "😀", 120)]
    [InlineData(119, "😀", 123)]
    [InlineData(119, "😀😀", 123)]
    public async Task CloseAsync_LongReason_IsCutBetweenTwoCharacters(int letters, string rest, int bytes)
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (peer, client) = await host.ConnectPairAsync();
        var reason = new string('a', letters) + rest;

        await client.CloseAsync(reason: reason).InTime();
        await peer.ReceiveEndAsync();

        Encoding.UTF8.GetByteCount(peer.CloseStatusDescription!).Should().Be(bytes);
        reason.Should().StartWith(peer.CloseStatusDescription);
    }

    [Fact]
    public async Task CloseAsync_Drain_QueuedMessagesComeFirst()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (peer, client) = await host.ConnectPairAsync();

        for (var i = 0; i < 200; i++)
            client.Write($"{i}").Should().Be(WriteResult.Queued);
        await client.CloseAsync().InTime();

        for (var i = 0; i < 200; i++)
            (await peer.ReceiveTextAsync()).Should().Be($"{i}");
        (await peer.ReceiveAsync()).Type.Should().Be(WebSocketMessageType.Close);
    }

    [Fact]
    public async Task CloseAsync_HundredTimesAtOnce_OneCloseFrame()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => client.CloseAsync((WebSocketCloseStatus)(4000 + i))))).InTime();
        await peer.SendAsync(Opcodes.Close, []);

        (await peer.ReceiveAllAsync()).Should().ContainSingle().Which.Opcode.Should().Be(Opcodes.Close);
        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        await client.CloseAsync().InTime();
        client.Abort();
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Abort_PeerSeesNoCloseFrame()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (peer, client) = await host.ConnectPairAsync();

        client.Abort();

        (await peer.ReceiveEndAsync()).Should().BeNull();
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.Aborted);
        record.LocalStatus.Should().BeNull();
        record.PeerStatus.Should().BeNull();
    }

    [Theory]
    [InlineData("FIN")]
    [InlineData("RST")]
    public async Task Peer_VanishesWithoutClose_IsLostAndUnregisteredOnce(string how)
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        if (how == "FIN")
            peer.HalfClose();
        else
            peer.Reset();

        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.ConnectionLost);
        record.PeerStatus.Should().BeNull();
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Connection_OpenedAndEnded_EachIsLoggedOnceWithItsId()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (peer, client) = await host.ConnectPairAsync();

        await peer.CloseAsync();
        await host.EndAsync();

        host.Logs.OfPumps.Select(entry => entry.EventName).Should().Equal("ConnectionOpened", "ConnectionEnded");
        host.Logs.OfPumps.Should().OnlyContain(entry => entry.Message.Contains(client.Id));
        host.Logs.OfPumps.Should().OnlyContain(entry => entry.Message.Contains("route /, user nobody, from 127.0.0.1"));
        host.Logs.OfPumps[^1].Message.Should().Contain(nameof(DisconnectReason.PeerClosed)).And.Contain("close codes 1000 sent and 1000 received");
    }

    [Fact]
    public async Task Connection_OfAUserWhoseNameCommandsATerminal_EndsWithTheNameEscaped()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Setup(setup => setup.HttpContext.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "\u001b[2Jann")], "test")));
            Echo.Endpoint(endpoint);
        });
        var peer = await host.ConnectAsync();

        await peer.CloseAsync();

        (await host.Logs.FirstAsync("ConnectionEnded")).Message.Should().Contain("user \\u001B[2Jann,").And.NotContain("\u001b");
    }

    [Fact]
    public async Task Connection_EndedByAHandlersException_TellsOfItOnceAndOfNoCloseCodeThatThereIsNot()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage((_, _, _) => throw new InvalidOperationException("handler failed")));
        using var peer = await host.ConnectRawAsync();

        await peer.SendAsync(Opcodes.Text, [1]);
        (await peer.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Close);
        peer.Reset();

        (await host.Logs.FirstAsync("ConnectionEnded")).Message.Should().Contain("close code 1011 sent,");
        host.Logs.OfPumps.Should().ContainSingle(entry => entry.Exception != null).Which.EventName.Should().Be("HandlerFailed");
    }

    [Fact]
    public async Task Close_PeerNeverAnswers_IsAbortedAfterCloseTimeout()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Options.CloseTimeout = TimeSpan.FromSeconds(5));
        var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        await client.CloseAsync().InTime();
        (await peer.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Close);
        host.Clock.Advance(TimeSpan.FromSeconds(4));
        client.Completion.IsCompleted.Should().BeFalse("the peer has its time to answer");
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.LocalClosed);
        (await peer.ReceiveAsync()).Should().BeNull();
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
    }
}

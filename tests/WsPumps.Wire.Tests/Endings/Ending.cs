using System.Net.WebSockets;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Endings;

/// <summary>A way in which a connection ends, and what its record has to say.</summary>
internal sealed record Ending(DisconnectReason Reason, int? Local, int? Peer, Func<EndingConnection, Task> Act)
{
    /// <summary>Whether only a deadline ends it: the clock has to move.</summary>
    public bool NeedsTime { get; init; }

    public Action<WebSocketPumpsEndpointBuilder> Configure { get; init; } = _ => { };

    public static IReadOnlyDictionary<string, Ending> All { get; } = new Dictionary<string, Ending>
    {
        ["peer close"] = new(DisconnectReason.PeerClosed, 4001, 4001, connection => connection.Peer.SendAsync(ClientFrame.Close(4001, "bye"))),
        ["FIN"] = new(DisconnectReason.ConnectionLost, null, null, connection => connection.Peer.DisposeAsync().AsTask()),
        ["RST"] = new(DisconnectReason.ConnectionLost, null, null, connection => Do(connection.Peer.Reset)),
        ["half-close"] = new(DisconnectReason.ConnectionLost, null, null, connection => connection.Peer.FinishSendingAsync()),
        ["write stall"] = new(DisconnectReason.WriteTimeout, null, null, FillAsync)
        {
            NeedsTime = true,
            Configure = endpoint => (endpoint.Options.MaxQueuedMessages, endpoint.Options.MaxQueuedBytes) = (10_000, 1L << 30),
        },
        ["missing pong"] = new(DisconnectReason.PongTimeout, null, null, _ => Task.CompletedTask)
        {
            NeedsTime = true,
            Configure = endpoint => endpoint.Options.PingInterval = TimeSpan.FromSeconds(5),
        },
        ["too big"] = new(DisconnectReason.MessageTooBig, 1009, 1009, connection => SendAndAnswerAsync(connection, ClientFrame.Binary(new byte[101]), 1009))
        {
            Configure = endpoint => endpoint.Options.MaxMessageSize = 100,
        },
        ["bad UTF-8"] = new(DisconnectReason.ProtocolError, 1007, 1007, connection => SendAndAnswerAsync(connection, ClientFrame.Build(WireOpcode.Text, [0xC0, 0x80]), 1007)),
        ["protocol error"] = new(DisconnectReason.ProtocolError, 1002, 1002, connection => SendAndAnswerAsync(connection, ClientFrame.Build((WireOpcode)0x3, []), 1002)),
        ["handler exception"] = new(DisconnectReason.HandlerError, 1011, 1011, connection => SendAndAnswerAsync(connection, ClientFrame.Text("fail"), 1011))
        {
            Configure = endpoint => endpoint.OnMessage((_, _, _) => throw new InvalidOperationException("handler failed")),
        },
        ["kick"] = new(DisconnectReason.LocalClosed, 1008, 1000, async connection =>
        {
            await connection.Client.CloseAsync(WebSocketCloseStatus.PolicyViolation, "Kicked.").InTime();
            await AnswerAsync(connection, 1008, 1000);
        }),
        ["close without answer"] = new(DisconnectReason.LocalClosed, 1000, null, connection => connection.Client.CloseAsync().InTime()) { NeedsTime = true },
        ["abort"] = new(DisconnectReason.Aborted, null, null, connection => Do(connection.Client.Abort)),
        ["slow client"] = new(DisconnectReason.SlowClient, 1008, 1008, async connection =>
        {
            while (connection.Client.Write(Message.Binary(new byte[64 * 1024])) is WriteResult.Queued)
                await Task.Yield();
            await AnswerAsync(connection, 1008, 1008);
        })
        {
            Configure = endpoint => endpoint.Options.MaxQueuedMessages = 4,
        },
        ["shutdown"] = new(DisconnectReason.Shutdown, 1001, 1001, async connection =>
        {
            _ = connection.Server.StopAsync();
            await AnswerAsync(connection, 1001, 1001);
        }),
        ["failed register"] = new(DisconnectReason.ServerError, 1011, 1011, connection => AnswerAsync(connection, 1011, 1011))
        {
            Configure = endpoint => endpoint.Register(_ => throw new InvalidOperationException("register failed")),
        },
        ["register takes too long"] = new(DisconnectReason.ServerError, 1011, null, PassTimeOfRegisterAsync)
        {
            NeedsTime = true,
            Configure = endpoint => endpoint.Register(async _ => await new TaskCompletionSource().Task),
        },
    };

    private static Task Do(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    private static async Task FillAsync(EndingConnection connection)
    {
        var large = PreparedMessage.Binary(new byte[64 * 1024]);
        for (var i = 0; i < 500; i++)
            connection.Client.Write(large).Should().Be(WriteResult.Queued);
        await Task.Yield();
    }

    /// <summary>No further than that: the close frame has a deadline as well, and needs real time to leave.</summary>
    private static async Task PassTimeOfRegisterAsync(EndingConnection connection)
    {
        // That of the heartbeat, and that of the callback.
        await Turns.UntilAsync(() => connection.Clock.ActiveTimers == 2);
        connection.Clock.Advance(new WebSocketPumpsOptions().CallbackTimeout);
        await connection.Peer.ReadAsync(WireOpcode.Close);
    }

    private static async Task SendAndAnswerAsync(EndingConnection connection, byte[] frame, int code)
    {
        await connection.Peer.SendAsync(frame);
        await AnswerAsync(connection, code, code);
    }

    private static async Task AnswerAsync(EndingConnection connection, int code, int answer)
    {
        var frames = await connection.Peer.ReadToCloseAsync().InTime();
        frames[^1].CloseCode.Should().Be(code);
        await connection.Peer.SendAsync(ClientFrame.Close(answer));
    }
}

/// <summary>Both ends of the connection that a test ends.</summary>
internal sealed record EndingConnection(WireServer Server, RawWebSocketClient Peer, IClient Client, ManualTimeProvider Clock);

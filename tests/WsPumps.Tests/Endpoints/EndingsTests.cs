using System.Text.Json;
using WsPumps.Testing;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

/// <summary>Whatever ends a connection: unregistered once, after both pumps, and gone from the manager.</summary>
public sealed class EndingsTests
{
    private static readonly Dictionary<string, Func<Connection, Task>> Endings = new()
    {
        ["peer close"] = connection => connection.Peer.SendAsync(Opcodes.Close, [0x03, 0xE8]),
        ["FIN"] = Now(connection => connection.Peer.HalfClose()),
        ["RST"] = Now(connection => connection.Peer.Reset()),
        ["protocol error"] = async connection =>
        {
            await connection.Peer.SendAsync(0x3, []);
            await AnswerCloseAsync(connection);
        },
        ["too big"] = async connection =>
        {
            await connection.Peer.SendAsync(Opcodes.Binary, new byte[101]);
            await AnswerCloseAsync(connection);
        },
        ["handler error"] = async connection =>
        {
            await connection.Peer.SendAsync(Opcodes.Text, "fail"u8.ToArray());
            await AnswerCloseAsync(connection);
        },
        ["close"] = async connection =>
        {
            await connection.Client.CloseAsync();
            await AnswerCloseAsync(connection);
        },
        ["close without answer"] = async connection =>
        {
            await connection.Client.CloseAsync().InTime();
            connection.Host.Clock.Advance(new WebSocketPumpsOptions().CloseTimeout + TimeSpan.FromSeconds(1));
        },
        ["close from both sides"] = async connection =>
        {
            await Task.WhenAll(connection.Client.CloseAsync(), connection.Peer.SendAsync(Opcodes.Close, [])).InTime();
        },
        ["abort"] = Now(connection => connection.Client.Abort()),
        ["abort during close"] = Now(connection =>
        {
            _ = connection.Client.CloseAsync();
            connection.Client.Abort();
        }),
        ["slow client"] = async connection =>
        {
            while (connection.Client.Write(Message.Binary(new byte[16 * 1024])) is WriteResult.Queued)
            {
            }

            await AnswerCloseAsync(connection);
        },
        ["shutdown"] = async connection =>
        {
            var stopping = connection.Host.StopAsync();
            await AnswerCloseAsync(connection);
            await stopping.InTime();
        },
    };

    [Theory]
    [InlineData("peer close", DisconnectReason.PeerClosed)]
    [InlineData("FIN", DisconnectReason.ConnectionLost)]
    [InlineData("RST", DisconnectReason.ConnectionLost)]
    [InlineData("protocol error", DisconnectReason.ProtocolError)]
    [InlineData("too big", DisconnectReason.MessageTooBig)]
    [InlineData("handler error", DisconnectReason.HandlerError)]
    [InlineData("close", DisconnectReason.LocalClosed)]
    [InlineData("close without answer", DisconnectReason.LocalClosed)]
    [InlineData("close from both sides", DisconnectReason.LocalClosed, DisconnectReason.PeerClosed)]
    [InlineData("abort", DisconnectReason.Aborted)]
    [InlineData("abort during close", DisconnectReason.LocalClosed)]
    [InlineData("slow client", DisconnectReason.SlowClient)]
    [InlineData("shutdown", DisconnectReason.Shutdown)]
    public async Task Connection_EndsAnyWay_IsUnregisteredOnceAfterBothPumps(string ending, params DisconnectReason[] reasons)
    {
        var (pumpsEnded, inManager) = (false, true);
        await using var host = await PumpsHost.StartAsync(
            endpoint =>
            {
                endpoint.Options.MaxMessageSize = 100;
                endpoint.OnMessage((_, message, _) =>
                    message.GetText() == "fail" ? throw new InvalidOperationException("handler failed") : default);
                endpoint.Unregister(context =>
                {
                    (pumpsEnded, inManager) = (context.Client.Completion.IsCompleted, endpoint.Manager.Clients.Contains(context.Client));
                    return default;
                });
            },
            PumpsHost.SmallBuffers);
        using var metrics = host.Measure();
        var peer = await host.ConnectRawAsync(receiveBuffer: 4096);
        var client = await host.Callbacks.NextRegisteredAsync();

        await Endings[ending](new Connection(host, peer, client)).InTime();

        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        pumpsEnded.Should().BeTrue();
        inManager.Should().BeFalse();
        var record = await client.Completion.InTime();
        record.Reason.Should().BeOneOf(reasons);
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
        await host.Clock.UntilTimersAsync(0);
        ExpectBalance(metrics, record);
    }

    private static void ExpectBalance(MetricsRecorder metrics, DisconnectRecord record)
    {
        metrics.Now("wspumps.active_connections").Should().Be(0);
        metrics.Of("wspumps.connection.duration").Should().ContainSingle()
            .Which.Tags.Values.Should().Contain(JsonNamingPolicy.SnakeCaseLower.ConvertName(record.Reason.ToString()));
        metrics.Now("wspumps.queued_messages").Should().Be(0);
        metrics.Now("wspumps.queued_bytes").Should().Be(0);
        metrics.Now("wspumps.messages", "receive").Should().Be(record.MessagesReceived);
        metrics.Now("wspumps.messages", "transmit").Should().Be(record.MessagesSent);
        metrics.Now("wspumps.io", "receive").Should().Be(record.BytesReceived);
        metrics.Now("wspumps.io", "transmit").Should().Be(record.BytesSent);
        metrics.Now("wspumps.unsent_messages").Should().Be(record.MessagesUnsent);
        metrics.Now("wspumps.dropped_messages").Should().Be(record.MessagesDropped);
    }

    private static Func<Connection, Task> Now(Action<Connection> act) => connection =>
    {
        act(connection);
        return Task.CompletedTask;
    };

    private static async Task AnswerCloseAsync(Connection connection)
    {
        while ((await connection.Peer.ReceiveAsync())!.Value.Opcode != Opcodes.Close)
        {
        }

        await connection.Peer.SendAsync(Opcodes.Close, []);
    }

    private sealed record Connection(PumpsHost Host, RawPeer Peer, IClient Client);
}

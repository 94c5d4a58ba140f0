using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

/// <summary>What the operating system may hold for a client that is slow.</summary>
public sealed class MaxSocketBytesTests
{
    private const int Tcp = 6;
    private const int NotSentLowWatermark = 25;
    private const int BlockLength = 16 * 1024;

    [Theory]
    [InlineData(SlowClientPolicy.Disconnect, null, 0)]
    [InlineData(SlowClientPolicy.Conflate, null, 16 * 1024)]
    [InlineData(SlowClientPolicy.Conflate, 100_000, 100_000)]
    [InlineData(SlowClientPolicy.Disconnect, 4096, 4096)]
    public async Task MaxSocketBytes_PolicyOfTheConnection_IsSetOnItsSocket(SlowClientPolicy policy, int? set, int expected)
    {
        if (!OperatingSystem.IsLinux())
            return;

        var bound = new TaskCompletionSource<int>();
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Setup(setup => (setup.Options.SlowClientPolicy, setup.Options.MaxSocketBytes) = (policy, set));
            endpoint.Register(context => bound.SetResult(BoundOf(context.HttpContext.Features.Get<IConnectionSocketFeature>()!.Socket)));
            endpoint.OnMessage(Echo.Handler);
        });

        await host.ConnectKnownAsync();

        (await bound.Task.InTime()).Should().Be(expected);
    }

    /// <summary>The system alone takes some four megabytes for a peer on the same machine that reads nothing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MaxSocketBytes_PeerReadsNothing_TheRestWaitsInTheQueue(bool isDirect)
    {
        if (!OperatingSystem.IsLinux())
            return;

        const int blocks = 256;
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            (endpoint.Options.MaxQueuedMessages, endpoint.Options.MaxQueuedBytes) = (blocks, (long)blocks * BlockLength);
            (endpoint.Options.PingInterval, endpoint.Options.PongTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
            endpoint.Options.DirectWrites = isDirect;
            endpoint.Options.MaxSocketBytes = BlockLength;
            endpoint.OnMessage(Echo.Handler);
        });
        using var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();
        if (isDirect)
            await ChangeToSocketAsync(host, peer, client);

        for (var i = 0; i < blocks; i++)
            client.Write(Message.Binary(new byte[BlockLength])).Should().Be(WriteResult.Queued);
        using (var limit = new CancellationTokenSource(Limit.Time))
        {
            while (client.Statistics.BytesSent < 2 * BlockLength)
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        await host.Clock.AdvanceUntilAsync(client.Completion);

        var record = await client.Completion;
        record.Reason.Should().Be(DisconnectReason.WriteTimeout);
        record.BytesSent.Should().BeLessThan(512 * 1024);
    }

    /// <summary>Frames go straight to the socket once a ping behind which nothing was written is answered.</summary>
    private static async Task ChangeToSocketAsync(PumpsHost host, RawPeer peer, IClient client)
    {
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var ping = (await peer.ReceiveAsync())!.Value;
        ping.Opcode.Should().Be(Opcodes.Ping);
        await peer.SendAsync(Opcodes.Pong, ping.Payload);
        await peer.SendAsync(Opcodes.Text, "x"u8.ToArray());
        await peer.ReceiveAsync();
        client.Statistics.WritesDirectly.Should().BeTrue();
    }

    private static int BoundOf(Socket socket)
    {
        var value = new byte[sizeof(int)];
        socket.GetRawSocketOption(Tcp, NotSentLowWatermark, value);
        return BitConverter.ToInt32(value);
    }
}

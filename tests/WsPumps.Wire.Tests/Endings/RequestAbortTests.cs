using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Endings;

/// <summary>Who may tear a connection down after a protocol error: the application, but not the framework when it tidies up.</summary>
public sealed class RequestAbortTests
{
    private const int Messages = 40;

    private static readonly byte[] BadFrame = ClientFrame.Build((WireOpcode)0x3, "text"u8);

    /// <summary>The request is over before the peer has read a byte. What was written, and the close frame, are still its own.</summary>
    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task ProtocolError_PeerReadsWhenTheRequestIsOver_GetsEverything(Carrier carrier)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await WireServer.StartAsync(endpoint =>
        {
            endpoint.Setup(setup =>
            {
                setup.HttpContext.Response.OnCompleted(() => Task.FromResult(over.TrySetResult()));
                return default;
            });
            endpoint.OnMessage((client, _, _) =>
            {
                for (var i = 0; i < Messages; i++)
                    client.Write(Message.Binary(new byte[1000])).Should().Be(WriteResult.Queued);
                return default;
            });
        });
        await using var peer = await server.ConnectAsync(carrier);

        await peer.SendAsync(ClientFrame.Text("go"), BadFrame, ClientFrame.Close(1000));
        (await server.NextEndAsync()).Reason.Should().Be(DisconnectReason.ProtocolError);
        await over.Task.InTime();

        var frames = await peer.ReadToCloseAsync().InTime();
        frames.Should().HaveCount(Messages + 1);
        frames[^1].CloseCode.Should().Be(1002);
    }

    /// <summary>The server uses the objects of a stream that has ended for the next one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Abort_OfAConnectionThatHasEnded_DoesNotHitTheNextOnTheSameStream(bool tls)
    {
        var requests = new ConcurrentQueue<object>();
        var sockets = new ConcurrentQueue<WebSocket>();
        await using var server = await WireServer.StartEchoAsync(endpoint => endpoint.Factory(context =>
        {
            requests.Enqueue(context.HttpContext.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>());
            sockets.Enqueue(context.WebSocket);
            return context.CreateClient();
        }));
        using var http = Http2Handshake.Invoker();
        var earlier = await ConnectAsync();
        await earlier.SendAsync(ClientFrame.Close(1000));
        await earlier.ReadAsync(WireOpcode.Close);
        await earlier.ReadEndAsync();
        await server.NextEndAsync();
        await earlier.DisposeAsync();

        // Which stream takes over its objects is up to the server; one of the next ones does.
        var others = new List<RawWebSocketClient>();
        do
            others.Add(await ConnectAsync());
        while (others.Count < 100 && !ReferenceEquals(requests.Last(), requests.First()));
        requests.Last().Should().BeSameAs(requests.First(), "else this test proves nothing");
        sockets.First().Abort();

        foreach (var peer in others)
        {
            await peer.SendAsync(ClientFrame.Text("still here"));
            (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be("still here");
            await peer.DisposeAsync();
        }

        async Task<RawWebSocketClient> ConnectAsync()
        {
            var owner = new CancellationTokenSource();
            var peer = await Http2Handshake.ConnectAsync(http, owner, server.EndPoint(tls ? 2 : 1), WireServer.Path, tls).InTime();
            await server.NextArrivedAsync();
            return peer;
        }
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task ProtocolError_ApplicationAbortsTheRequestMeanwhile_EndsAtOnce(Carrier carrier)
    {
        HttpContext? http = null;
        await using var server = await WireServer.StartEchoAsync(
            endpoint => endpoint.Setup(setup =>
            {
                http = setup.HttpContext;
                return default;
            }),
            new ManualTimeProvider());
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(BadFrame);
        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1002);

        http!.Abort();

        // The clock stands still: no deadline ends it.
        (await server.NextEndAsync()).Reason.Should().Be(DisconnectReason.ProtocolError);
    }
}

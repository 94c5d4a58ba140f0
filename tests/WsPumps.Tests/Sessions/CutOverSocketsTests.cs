using System.Net.WebSockets;
using System.Text;

namespace WsPumps.Tests.Sessions;

/// <summary>The same over Kestrel, sockets and a bare <see cref="ClientWebSocket"/>: handshakes are cut as well.</summary>
public sealed class CutOverSocketsTests
{
    private const int FromServer = 200;
    private const int FromPeer = 100;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task Cuts_Anywhere_NothingIsLostDoubledOrOutOfOrder(int seed) => RunAsync(seed);

    [Fact]
    [Trait("Category", "Stress")]
    public async Task Cuts_ManySeeds_NothingIsLostDoubledOrOutOfOrder()
    {
        for (var seed = 100; seed < 300; seed++)
            await RunAsync(seed);
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        var (serverGot, peerGot) = (new List<string>(), new List<string>());
        await using var host = await PumpsHost.StartAsync(
            endpoint =>
            {
                endpoint.Resume = new ResumeOptions();
                endpoint.OnMessage(async (client, message, cancellationToken) =>
                {
                    serverGot.Add(message.GetText());
                    // Two for each that comes.
                    var padding = new string('.', serverGot.Count * 7 % 300);
                    await client.WriteAsync($"s{(serverGot.Count * 2) - 1}:{padding}", cancellationToken);
                    await client.WriteAsync($"s{serverGot.Count * 2}", cancellationToken);
                });
            },
            PumpsHost.RealTime);
        var connections = 0;
        using var proxy = new CuttingProxy(host.Address, () => (Budget(), connections++ == 0 ? 1000 : Budget()));
        using var limit = new CancellationTokenSource(2 * Limit.Time);
        while (peerGot.Count < FromServer)
        {
            limit.Token.ThrowIfCancellationRequested();
            await ConnectOnceAsync(proxy.WebSocketAddress, seed, peerGot);
        }

        serverGot.Should().Equal(Enumerable.Range(1, FromPeer).Select(i => $"p{i}"), "of seed {0}", seed);
        var sent = Enumerable.Range(1, FromServer).Select(i => $"s{i}");
        peerGot.Select(text => text.Split(':')[0]).Should().Equal(sent, "of seed {0}", seed);
        host.Callbacks.Unregistrations.Should().Be(0);
        connections.Should().BeGreaterThan(1);

        int Budget() => random.Next(6) switch
        {
            0 => 1 + random.Next(300),
            1 => 100_000,
            _ => 300 + random.Next(3000),
        };
    }

    private static async Task ConnectOnceAsync(Uri address, int seed, List<string> peerGot)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        var name = $"wspumps.resume.{seed:x32}.{peerGot.Count}";
        socket.Options.AddSubProtocol(name);
        socket.Options.AddSubProtocol("wspumps.fresh");
        try
        {
            await socket.ConnectAsync(address, CancellationToken.None).InTime();
            var resumed = socket.SubProtocol == name;
            if (!resumed)
                peerGot.Should().BeEmpty("the ring reaches back, so only the first one is fresh; seed {0}", seed);
            var serverHas = resumed ? int.Parse(socket.HttpResponseHeaders!["WsPumps-Received"].Single()) : 0;
            await Task.WhenAll(SendAsync(socket, serverHas), ReceiveAsync(socket, peerGot)).InTime();
        }
        catch (Exception exception) when (exception is WebSocketException or IOException)
        {
            // Cut: the next connection goes on.
        }
    }

    private static async Task SendAsync(ClientWebSocket socket, int serverHas)
    {
        for (var i = serverHas + 1; i <= FromPeer; i++)
            await socket.SendAsync(Encoding.UTF8.GetBytes($"p{i}").AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None);
    }

    private static async Task ReceiveAsync(ClientWebSocket socket, List<string> peerGot)
    {
        var buffer = new byte[4096];
        var length = 0;
        while (peerGot.Count < FromServer)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            length += part.Count;
            if (!part.EndOfMessage)
                continue;

            peerGot.Add(Encoding.UTF8.GetString(buffer, 0, length));
            length = 0;
        }
    }
}

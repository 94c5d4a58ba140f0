using Microsoft.AspNetCore.Server.Kestrel.Core;
using System.Net;
using WsPumps.Reconnecting.Tests.Network;

namespace WsPumps.Reconnecting.Tests;

/// <summary>Sessions that resume, with the real server, over real sockets: counted in both directions.</summary>
public sealed class ResumeServerTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Resume_ConnectionBreaksWhileBothTalk_NothingIsLostOrDoubled(HttpProtocols protocols)
    {
        const int Lives = 20;
        await using var server = await TestServer.StartAsync(protocols: protocols);
        var contexts = new List<bool>();
        await using var client = new ReconnectingClient(new Uri(server.Address, "/session"), new ReconnectingClientOptions
        {
            Resume = true,
            FirstDelay = TimeSpan.FromMilliseconds(5),
            MaxDelay = TimeSpan.FromMilliseconds(20),
            MaxQueuedMessages = 10_000,
            MaxResendMessages = 10_000,
            MaxResendBytes = 1 << 20,
            // Nobody takes messages before the end, and a stream of HTTP/2 that was reset is noticed by reading alone.
            MaxReceivedMessages = 10_000,
            ConfigureWebSocket = socket =>
            {
                socket.HttpVersion = protocols is HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
                socket.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            },
            Connected = context =>
            {
                contexts.Add(context.IsResumed);
                return default;
            },
        });
        await client.StartAsync().InTime();
        await FakeNetwork.UntilAsync(() => server.Broadcaster.All.Local.Count == 1);
        var peer = server.Broadcaster.All.Local.Single();
        var writes = new List<Task<SendResult>>();
        var written = 0;
        var random = new Random(17);

        for (var life = 1; life <= Lives; life++)
        {
            for (var i = random.Next(10, 50); i > 0; i--)
            {
                writes.Add(client.WriteAsync(PreparedMessage.Text($"c{writes.Count}")).AsTask());
                (await peer.WriteAsync($"s{written++}").InTime()).Should().Be(WriteResult.Queued);
                if (i == 8)
                    Break(client, server, random);
            }

            await FakeNetwork.UntilAsync(() => client.Statistics.Connections > life);
        }

        (await Task.WhenAll(writes).InTime()).Should().OnlyContain(result => result == SendResult.Sent);
        await FakeNetwork.UntilAsync(() => server.Received.Count >= writes.Count);
        server.Received.Should().Equal(Enumerable.Range(0, writes.Count).Select(i => $"c{i}"));
        (await client.ReadAllAsync().TakeAsync(written)).Should().Equal(Enumerable.Range(0, written).Select(i => $"s{i}"));
        contexts.Skip(1).Should().OnlyContain(isResumed => isResumed);
        server.Broadcaster.All.Local.Should().ContainSingle().Which.Should().BeSameAs(peer);
    }

    [Fact]
    public async Task Resume_ServerWithoutIt_IsAFreshConnection()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = new ReconnectingClient(server.Address, new ReconnectingClientOptions { Resume = true, FirstDelay = TimeSpan.FromMilliseconds(5) });
        await client.StartAsync().InTime();
        await client.WriteAsync(PreparedMessage.Text("one")).InTime();
        (await client.ReadAllAsync().FirstAsync()).Should().Be("one");
        server.Cut();
        await FakeNetwork.UntilAsync(() => client.Statistics.Connections == 2);

        await client.WriteAsync(PreparedMessage.Text("two")).InTime();

        (await client.ReadAllAsync().FirstAsync()).Should().Be("two");
        client.SubProtocol.Should().BeNull();
    }

    private static void Break(ReconnectingClient client, TestServer server, Random random)
    {
        if (random.Next(2) == 0)
            server.Cut();
        else
            client.Reconnect();
    }
}

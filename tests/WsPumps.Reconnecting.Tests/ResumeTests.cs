using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using WsPumps.Reconnecting.Tests.Network;

namespace WsPumps.Reconnecting.Tests;

/// <summary>The client's side of docs/resume.md.</summary>
public sealed class ResumeTests
{
    private readonly FakeNetwork _network = new();

    [Fact]
    public async Task Offer_FirstConnect_HasASecretACountAndWhatAFreshSessionUses()
    {
        var plain = _network.CreateClient(options => options.Resume = true);
        _ = plain.StartAsync();
        var first = (await _network.NextAsync()).SubProtocols;
        var own = _network.CreateClient(options =>
        {
            options.Resume = true;
            options.SubProtocols.Add("chat");
        });
        _ = own.StartAsync();
        var second = (await _network.NextAsync()).SubProtocols;

        first.Should().HaveCount(2).And.HaveElementAt(1, "wspumps.fresh");
        first[0].Should().MatchRegex("^wspumps\\.resume\\.[0-9a-f]{32}\\.0$");
        second.Should().HaveCount(2).And.HaveElementAt(1, "chat");
        second[0].Should().NotBe(first[0]);
    }

    [Fact]
    public async Task Lost_ThenResumed_OffersTheCountAndSendsAgainWhatTheServerLacks()
    {
        var contexts = new List<ConnectedContext>();
        var (client, peer) = await ConnectAsync(options => options.Connected = async context =>
        {
            contexts.Add(context);
            await context.WriteAsync(PreparedMessage.Text($"connected {contexts.Count}"));
        });
        await SendAsync(peer, "1", "2", "3");
        (await client.ReadAllAsync().TakeAsync(3)).Should().Equal("1", "2", "3");
        await WriteAsync(client, "a", "b", "c");
        peer.Cut();
        await FakeNetwork.UntilAsync(() => client.State is ReconnectingClientState.Waiting);
        var waited = client.WriteAsync(PreparedMessage.Text("d")).AsTask();

        var (attempt, _) = await _network.NextAfterAsync();
        attempt.SubProtocols[0].Should().EndWith(".3");
        attempt.SubProtocols.Skip(1).Should().Equal(["wspumps.fresh", "wspumps.again"], "another server may have it");
        peer = attempt.Resume(received: 2);

        (await peer.ReceiveAsync(4)).Should().Equal("b", "c", "connected 2", "d");
        (await waited.InTime()).Should().Be(SendResult.Sent);
        contexts.Select(context => (context.IsReconnect, context.IsResumed)).Should().Equal((false, false), (true, true));
    }

    [Fact]
    public async Task Lost_ThenFresh_TellsAndCountsFromZero()
    {
        var contexts = new List<ConnectedContext>();
        var (client, peer) = await ConnectAsync(options => options.Connected = context =>
        {
            contexts.Add(context);
            return default;
        });
        await peer.SendAsync("1");
        await client.ReadAllAsync().FirstAsync();
        await WriteAsync(client, "a");
        peer.Cut();
        peer = (await _network.NextAfterAsync()).Attempt.Accept(subProtocol: "wspumps.fresh", missed: 17);
        await WriteAsync(client, "b");
        (await peer.ReceiveAsync()).Should().Be("b");
        peer.Cut();
        var (attempt, _) = await _network.NextAfterAsync();

        attempt.SubProtocols[0].Should().EndWith(".0");
        contexts[1].Should().BeEquivalentTo(new { IsReconnect = true, IsResumed = false, MessagesMissed = 17L });
    }

    [Fact]
    public async Task Lost_BatchUnderWay_IsSettledByWhatTheServerHas()
    {
        var client = _network.CreateClient(options =>
        {
            options.Resume = true;
            options.TimeToLive = TimeSpan.FromHours(12);
            options.Connection.WriteTimeout = TimeSpan.FromSeconds(2);
        });
        var writes = Enumerable.Range(0, 50).Select(i => client.WriteAsync(Message.Binary(new byte[1000 + i])).AsTask()).ToList();
        _ = client.StartAsync();
        using var stalled = (await _network.NextAsync()).Accept(room: 4096, subProtocol: "wspumps.fresh");
        var attempt = await _network.NextWheneverAsync();
        writes[20].IsCompleted.Should().BeFalse("it is not known yet what the server has");
        using var peer = attempt.Resume(received: 3);

        (await peer.ReceiveAsync(47)).Select(text => text.Length).Should().Equal(Enumerable.Range(1003, 47));
        (await Task.WhenAll(writes).InTime()).Should().AllBeEquivalentTo(SendResult.Sent);
    }

    [Fact]
    public async Task Lost_BatchUnderWayAndNoServerInTime_IsUnknown()
    {
        var client = _network.CreateClient(options =>
        {
            options.Resume = true;
            options.Connection.WriteTimeout = TimeSpan.FromSeconds(2);
        });
        var writes = Enumerable.Range(0, 50).Select(i => client.WriteAsync(Message.Binary(new byte[1000])).AsTask()).ToList();
        _ = client.StartAsync();
        using var stalled = (await _network.NextAsync()).Accept(room: 4096, subProtocol: "wspumps.fresh");
        // The batch must be under way before its time can run out.
        (await stalled.ReceiveAsync()).Should().HaveLength(1000);

        await _network.Clock.AdvanceUntil(Task.WhenAll(writes), TimeSpan.FromMilliseconds(250));

        var results = await Task.WhenAll(writes);
        results.Should().Contain(SendResult.Unknown).And.OnlyContain(result => result == SendResult.Sent || result == SendResult.Unknown);
        client.Statistics.QueuedMessages.Should().Be(0);
    }

    [Theory]
    [InlineData(4, "more than was sent")]
    [InlineData(-1, "no count at all")]
    public async Task Resumed_WithACountThatCannotBe_BeginsAnewUnderAnotherSecret(long received, string because)
    {
        var (client, peer) = await ConnectAsync();
        await WriteAsync(client, "a");
        peer.Cut();
        var (attempt, _) = await _network.NextAfterAsync();
        var secret = attempt.SubProtocols[0].Split('.')[2];

        var second = attempt.Accept(subProtocol: attempt.SubProtocols[0], received: received < 0 ? null : received);

        (await second.ReceiveAsync()).Should().BeNull(because);
        second.CloseStatus.Should().Be(WebSocketCloseStatus.NormalClosure, "the server must end its session too");
        var (third, _) = await _network.NextAfterAsync();
        third.SubProtocols[0].Should().NotContain(secret).And.EndWith(".0");
    }

    [Fact]
    public async Task Resumed_RingTooSmall_BeginsAnew()
    {
        var (client, peer) = await ConnectAsync(options => options.MaxResendMessages = 2);
        await WriteAsync(client, "a", "b", "c");
        peer.Cut();

        var second = (await _network.NextAfterAsync()).Attempt.Resume(received: 0);

        (await second.ReceiveAsync()).Should().BeNull();
    }

    [Fact]
    public async Task SubProtocol_OfTheApplication_IsKeptOverAResumeAndTheNamesOfTheProtocolAreHidden()
    {
        var own = _network.CreateClient(options =>
        {
            options.Resume = true;
            options.SubProtocols.Add("chat");
        });
        _ = own.StartAsync();
        var peer = (await _network.NextAsync()).Accept(subProtocol: "chat");
        await WriteAsync(own, "a");
        own.SubProtocol.Should().Be("chat");
        peer.Cut();
        (await _network.NextAfterAsync()).Attempt.Resume(received: 1);
        await WriteAsync(own, "b");
        own.SubProtocol.Should().Be("chat");

        var (plain, _) = await ConnectAsync();
        plain.SubProtocol.Should().BeNull();
    }

    [Fact]
    public async Task Reconnect_Resuming_SendsNoCloseFrame()
    {
        var (client, peer) = await ConnectAsync();

        client.Reconnect();

        (await _network.NextAsync()).Resume(received: 0);
        (await peer.ReceiveAsync()).Should().BeNull();
        peer.CloseStatus.Should().BeNull("a close frame ends the session");
    }

    [Fact]
    public async Task Offer_FailsAgainAndAgain_IsLeftOutNowAndThen()
    {
        var client = _network.CreateClient(options => options.Resume = true);
        _ = client.StartAsync();
        var attempt = await _network.NextAsync();
        var plain = new List<bool>();
        for (var i = 0; i < 10; i++)
        {
            plain.Add(attempt.SubProtocols.Count == 0);
            attempt.Fail();
            (attempt, _) = await _network.NextAfterAsync();
        }

        plain.Should().Equal(false, false, false, false, false, false, false, true, false, true);
    }

    /// <summary>A server that follows the protocol, and a line that breaks anywhere, also between the server's answer and the client.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Life_RandomCuts_NothingIsLostDoubledOrOutOfOrder(int part)
    {
        for (var seed = part * 1000; seed < part * 1000 + 100; seed++)
            await LiveAsync(seed);
    }

    private static async Task LiveAsync(int seed)
    {
        var (random, network) = (new Random(seed), new FakeNetwork { Random = 0 });
        await using var client = network.CreateClient(options =>
        {
            options.Resume = true;
            options.TimeToLive = TimeSpan.FromHours(1);
        });
        _ = client.StartAsync();
        var (writes, received) = (new List<Task<SendResult>>(), new List<string>());
        var (down, fresh) = (0, true);
        using var reading = new CancellationTokenSource();
        var texts = new ConcurrentQueue<string>();
        var reader = Task.Run(async () =>
        {
            await foreach (var message in client.ReadAllAsync(reading.Token))
                texts.Enqueue(message.GetText());
        });

        for (var life = 0; life < 8; life++)
        {
            var attempt = await network.NextAsync();
            using var peer = fresh ? attempt.Accept(subProtocol: "wspumps.fresh") : attempt.Resume(received.Count);
            fresh = false;
            // What the server had sent before, and the client has not got.
            for (var i = CountOf(attempt); i < down; i++)
                await peer.SendAsync($"s{i}");
            for (var step = random.Next(12); step >= 0; step--)
            {
                switch (random.Next(3))
                {
                    case 0:
                        writes.Add(client.WriteAsync(PreparedMessage.Text($"c{writes.Count}")).AsTask());
                        break;
                    case 1:
                        await peer.SendAsync($"s{down++}");
                        break;
                    case 2 when received.Count < writes.Count:
                        received.Add((await peer.ReceiveAsync())!);
                        break;
                }
            }

            if (random.Next(3) == 0)
                client.Reconnect();
            else
                peer.Cut();
        }

        var end = await network.NextAsync();
        using var last = end.Resume(received.Count);
        for (var i = CountOf(end); i < down; i++)
            await last.SendAsync($"s{i}");
        received.AddRange(await last.ReceiveAsync(writes.Count - received.Count));

        received.Should().Equal(Enumerable.Range(0, writes.Count).Select(i => $"c{i}"), $"of seed {seed}, to the server");
        (await Task.WhenAll(writes).InTime()).Should().OnlyContain(result => result == SendResult.Sent, $"of seed {seed}");
        await FakeNetwork.UntilAsync(() => texts.Count >= down);
        await reading.CancelAsync();
        await reader.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        texts.Should().Equal(Enumerable.Range(0, down).Select(i => $"s{i}"), $"of seed {seed}, to the client");
        last.Cut();
    }

    private static int CountOf(FakeNetwork.FakeAttempt attempt) => int.Parse(attempt.SubProtocols[0].Split('.')[3], CultureInfo.InvariantCulture);

    private async Task<(ReconnectingClient Client, FakePeer Peer)> ConnectAsync(Action<ReconnectingClientOptions>? configure = null)
    {
        var client = _network.CreateClient(options =>
        {
            options.Resume = true;
            configure?.Invoke(options);
        });
        var started = client.StartAsync();
        var peer = (await _network.NextAsync()).Accept(subProtocol: "wspumps.fresh");
        await started.InTime();
        return (client, peer);
    }

    private static async Task SendAsync(FakePeer peer, params string[] texts)
    {
        foreach (var text in texts)
            await peer.SendAsync(text);
    }

    private static async Task WriteAsync(ReconnectingClient client, params string[] texts)
    {
        foreach (var text in texts)
            (await client.WriteAsync(PreparedMessage.Text(text)).InTime()).Should().Be(SendResult.Sent);
    }
}

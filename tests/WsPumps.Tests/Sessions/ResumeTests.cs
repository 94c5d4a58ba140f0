using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using WsPumps.Sessions;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Sessions;

public sealed class ResumeTests
{
    private const string Secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

    [Fact]
    public async Task Connect_Fresh_ChoosesTheNameForIt()
    {
        await using var host = await StartAsync();

        using var peer = await ConnectAsync(host, 0);

        peer.SubProtocol.Should().Be("wspumps.fresh");
        Header(peer, "WsPumps-Received").Should().BeNull();
        (await host.Callbacks.NextRegisteredAsync()).SubProtocol.Should().BeNull("the name is none of the application's");
    }

    [Fact]
    public async Task Connect_FreshWithASubProtocolOfTheApplication_ChoosesThatOne()
    {
        await using var host = await StartAsync(endpoint => endpoint.Options.SubProtocols.Add("chat"));

        using var peer = await ConnectAsync(host, 0, "wspumps.told", "chat");

        peer.SubProtocol.Should().Be("chat");
        await peer.SendTextAsync("hello");
        (await peer.ReceiveTextAsync()).Should().Be("hello", "nothing is told where it could be taken for a message of the application");
    }

    /// <summary>The server comes to the request only when its peer has gone on with another connection, further than the ring reaches back.</summary>
    [Fact]
    public async Task Resume_RequestWasOvertakenAndItsConnectionIsGone_SessionLivesOn()
    {
        var (isHeld, isGone, release, hasEnded) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var host = await StartAsync(endpoint =>
        {
            endpoint.Resume!.MaxMessages = 1;
            endpoint.Setup(async setup =>
            {
                if (!setup.HttpContext.Request.Query.ContainsKey("held"))
                    return;

                setup.HttpContext.RequestAborted.Register(isGone.SetResult);
                setup.HttpContext.Response.OnCompleted(() =>
                {
                    hasEnded.SetResult();
                    return Task.CompletedTask;
                });
                isHeld.SetResult();
                await release.Task.InTime();
            });
        });
        var (first, _) = await ConnectFirstAsync(host);
        using (var overtaken = new TcpClient { LingerState = new LingerOption(true, 0) })
        {
            await overtaken.ConnectAsync(host.Address.Host, host.Address.Port).InTime();
            await overtaken.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /?held HTTP/1.1\r\nHost: example\r\n" +
                string.Concat(Handshake.Headers.Select(header => $"{header.Name}: {header.Value}\r\n")) +
                $"Sec-WebSocket-Protocol: wspumps.resume.{Secret}.0, wspumps.fresh\r\n\r\n"));
            await isHeld.Task.InTime();
        }

        await isGone.Task.InTime();
        for (var i = 1; i <= 3; i++)
            (await first.EchoAsync($"{i}")).Should().Be($"{i}");

        release.SetResult();
        await hasEnded.Task.InTime();

        (await first.EchoAsync("still here")).Should().Be("still here");
        first.Abort();
        using var second = await ConnectAsync(host, 4);
        second.SubProtocol.Should().StartWith("wspumps.resume.");
    }

    [Fact]
    public async Task Resume_AfterALoss_IsTheSameClientAndBringsWhatWasMissed()
    {
        await using var host = await StartAsync();
        var (first, client) = await ConnectFirstAsync(host);
        var (away, resumed) = (new TaskCompletionSource(), new TaskCompletionSource<int>());
        client.Events.Away += _ => away.SetResult();
        client.Events.Resumed += resuming => resumed.SetResult(resuming.MessagesSentAgain);
        await first.SendTextAsync("one");
        (await first.ReceiveTextAsync()).Should().Be("one");
        await client.WriteAsync("two");
        (await first.ReceiveTextAsync()).Should().Be("two");

        first.Abort();
        await away.Task.InTime();
        client.Write("three").Should().Be(WriteResult.Queued);
        host.Broadcaster.All.Write("four").Queued.Should().Be(1);
        // Message two got lost on its way, as far as the peer knows.
        using var second = await ConnectAsync(host, 1);

        second.SubProtocol.Should().Be($"wspumps.resume.{Secret}.1");
        Header(second, "WsPumps-Received").Should().Be("1");
        (await second.ReceiveTextAsync()).Should().Be("two");
        (await second.ReceiveTextAsync()).Should().Be("three");
        (await second.ReceiveTextAsync()).Should().Be("four");
        (await resumed.Task.InTime()).Should().BePositive();
        await second.SendTextAsync("five");
        (await second.ReceiveTextAsync()).Should().Be("five");
        host.Broadcaster.Manager.Clients.Should().Equal(client);
        host.Callbacks.Unregistrations.Should().Be(0);

        await second.CloseAsync();
        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.PeerClosed);
    }

    [Fact]
    public async Task Resume_WithAndWithoutCompression_BringsEachWhatItCanRead()
    {
        await using var host = await StartAsync(endpoint => endpoint.Options.Compression = new CompressionOptions());
        var text = string.Concat(Enumerable.Range(0, 500).Select(i => $"{{\"id\":{i}}}"));
        IClient? client = null;
        for (var received = 0; received < 6; received += 2)
        {
            var compresses = received != 2;
            using var peer = await host.ConnectAsync(configure: options =>
            {
                options.CollectHttpResponseDetails = true;
                options.DangerousDeflateOptions = compresses ? new WebSocketDeflateOptions() : null;
                options.AddSubProtocol($"wspumps.resume.{Secret}.{received}");
                options.AddSubProtocol("wspumps.fresh");
            });
            (Header(peer, "Sec-WebSocket-Extensions") is not null).Should().Be(compresses);
            client ??= await host.Callbacks.NextRegisteredAsync();
            // The first was written while it was away, unless it is the first of all.
            if (received == 0)
                client.Write(text);
            (await peer.ReceiveTextAsync()).Should().Be(text);
            await peer.SendTextAsync(text);
            (await peer.ReceiveTextAsync()).Should().Be(text);
            await AwayAsync(peer, client);
            client.Write(text).Should().Be(WriteResult.Queued);
        }
    }

    [Fact]
    public async Task Resume_OlderConnectionIsStillThere_ItIsEndedFirst()
    {
        await using var host = await StartAsync();
        var (first, client) = await ConnectFirstAsync(host);

        using var second = await ConnectAsync(host, 0);

        (await first.ReceiveEndAsync()).Should().BeNull("it was given up without a close frame");
        await second.SendTextAsync("here");
        (await second.ReceiveTextAsync()).Should().Be("here");
        client.Completion.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Window_IsOver_TheClientEndsAndTheNextConnectIsFresh()
    {
        await using var host = await StartAsync();
        var (first, client) = await ConnectFirstAsync(host);
        first.Abort();

        await host.BeatUntilAsync(() => client.Completion.IsCompleted);

        (await client.Completion).Reason.Should().Be(DisconnectReason.ConnectionLost);
        host.Clock.Elapsed.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        using var second = await ConnectAsync(host, 0);
        second.SubProtocol.Should().Be("wspumps.fresh");
    }

    [Fact]
    public async Task Close_InOrder_EndsTheSession()
    {
        await using var host = await StartAsync();
        var (first, client) = await ConnectFirstAsync(host);
        await first.CloseAsync();
        await host.Callbacks.NextUnregisteredAsync();

        using var second = await ConnectAsync(host, 0);

        second.SubProtocol.Should().Be("wspumps.fresh");
        (await host.Callbacks.NextRegisteredAsync()).Should().NotBeSameAs(client);
    }

    [Fact]
    public async Task Kick_WhileAway_EndsTheSessionAtOnce()
    {
        await using var host = await StartAsync();
        var (first, client) = await ConnectFirstAsync(host);
        await AwayAsync(first, client);

        await client.CloseAsync((WebSocketCloseStatus)4000, "kicked").InTime();

        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.LocalClosed);
        await host.Callbacks.NextUnregisteredAsync();
    }

    [Fact]
    public async Task Ring_DoesNotReachBack_IsFreshAndTellsHowManyAreLost()
    {
        await using var host = await StartAsync(endpoint => endpoint.Resume!.MaxMessages = 2);
        var (first, client) = await ConnectFirstAsync(host);
        for (var i = 1; i <= 5; i++)
        {
            await client.WriteAsync($"{i}");
            await first.ReceiveTextAsync();
        }

        await AwayAsync(first, client);
        using var second = await ConnectAsync(host, 1, "wspumps.told", "wspumps.fresh");

        second.SubProtocol.Should().Be("wspumps.fresh");
        Header(second, "WsPumps-Missed").Should().Be("2");
        (await second.ReceiveTextAsync()).Should().Be("wspumps.fresh.2");
        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
    }

    [Fact]
    public async Task Told_IsTheFirstMessageAndNotCounted()
    {
        await using var host = await StartAsync();
        using var first = await ConnectAsync(host, 0, "wspumps.told", "wspumps.fresh");
        (await first.ReceiveTextAsync()).Should().Be("wspumps.fresh");
        await first.SendTextAsync("hello");
        (await first.ReceiveTextAsync()).Should().Be("hello");
        first.Abort();

        using var second = await ConnectAsync(host, 0, "wspumps.told", "wspumps.fresh");

        (await second.ReceiveTextAsync()).Should().Be("wspumps.resumed.1");
        (await second.ReceiveTextAsync()).Should().Be("hello", "the count says that it did not arrive");
    }

    [Fact]
    public async Task Resume_SeveralAtOnce_OneAfterTheOtherIsServedAndTheClientStaysOne()
    {
        await using var host = await StartAsync();
        var (first, client) = await ConnectFirstAsync(host);
        await AwayAsync(first, client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AnswerAsync(host)));

        // One that comes when another was served already is the newer one, and takes its place.
        answers.Should().Contain("still there");
        answers.Should().OnlyContain(answer => answer == "still there" || answer == "1008" || answer == "cut");
        host.Broadcaster.Manager.Clients.Should().Equal(client);
    }

    [Theory]
    [InlineData("another user")]
    [InlineData("another origin")]
    [InlineData("another secret")]
    public async Task Resume_OfSomebodyElse_IsFreshAndDisturbsNobody(string what)
    {
        await using var host = await StartAsync(
            endpoint => endpoint.Options.AllowedOrigins.Add("*"),
            Tickets.AddBearerTokens);
        using var mine = await ConnectAsync(host, "ada", "https://a.example", Secret);
        var client = await host.Callbacks.NextRegisteredAsync();

        using var theirs = await ConnectAsync(
            host, what == "another user" ? "eve" : "ada", what == "another origin" ? "https://b.example" : "https://a.example", what == "another secret" ? new string('0', 32) : Secret);

        theirs.SubProtocol.Should().Be("wspumps.fresh");
        Header(theirs, "WsPumps-Missed").Should().BeNull();
        (await host.Callbacks.NextRegisteredAsync()).Should().NotBeSameAs(client);
        await mine.SendTextAsync("still there");
        (await mine.ReceiveTextAsync()).Should().Be("still there");
    }

    [Fact]
    public async Task Resume_WhereEveryPlaceIsTaken_NeedsNone()
    {
        await using var host = await StartAsync(build: PumpsHost.With(options => options.MaxConnections = 1));
        var (first, client) = await ConnectFirstAsync(host);
        await AwayAsync(first, client);

        using var second = await ConnectAsync(host, 0);

        second.SubProtocol.Should().StartWith("wspumps.resume.");
        (await host.HandshakeAsync()).StatusCode.Should().Be(System.Net.HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Away_MoreThanMayBe_TheLongestOneEnds()
    {
        await using var host = await StartAsync(endpoint => endpoint.Resume!.MaxAway = 2);
        var clients = new List<IClient>();
        for (var i = 0; i < 3; i++)
        {
            using var peer = await ConnectAsync(host, null, null, $"{i:x32}");
            var client = await host.Callbacks.NextRegisteredAsync();
            clients.Add(client);
            await AwayAsync(peer, client);
        }

        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(clients[0]);
        clients[1].Completion.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [InlineData("wspumps.resume.xyz.0")]
    [InlineData("wspumps.resume.0f1e2d3c4b5a69788796a5b4c3d2e1f0.-1")]
    public async Task Name_Malformed_IsFresh(string name)
    {
        await using var host = await StartAsync();

        using var peer = await host.ConnectAsync(configure: options =>
        {
            options.AddSubProtocol(name);
            options.AddSubProtocol("wspumps.fresh");
        });

        peer.SubProtocol.Should().Be("wspumps.fresh");
    }

    [Fact]
    public async Task Resume_Off_NamesAreNotKnown()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);

        using var peer = await ConnectAsync(host, 0);

        peer.SubProtocol.Should().BeNull();
        await peer.SendTextAsync("hello");
        (await peer.ReceiveTextAsync()).Should().Be("hello");
    }

    [Fact]
    public async Task Drain_WhileAway_EndsTheSession()
    {
        await using var host = await StartAsync();
        var (first, client) = await ConnectFirstAsync(host);
        await AwayAsync(first, client);

        await host.StopAsync().InTime();

        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.Shutdown);
    }

    [Fact]
    public async Task Options_RingLargerThanTheBudget_IsAnErrorThatNamesBoth() =>
        (await StartingAsync(endpoint => endpoint.Resume!.MaxBytes = 2_000_000, options => options.MaxTotalQueuedBytes = 1_048_576))
            .Should().Contain("Resume.MaxBytes (2000000)").And.Contain("MaxTotalQueuedBytes (1048576)");

    /// <summary>Ten thousand guesses cost one look each, and leave nothing behind.</summary>
    [Fact]
    public void Secrets_TenThousandWrongOnes_AreAskedForAtOnceAndLeaveNothing()
    {
        var table = new SessionTable(maxAway: 10);
        var (key, mine) = (new SessionKey(1, "ada", null), new SessionEntry());
        (table.GetOrAdd(key, mine) == mine).Should().BeTrue();
        var client = new Client(new StreamWebSocket(Stream.Null), new ClientSettings { Resume = new ResumeOptions() });
        table.Begin(key, mine, client);
        var started = System.Diagnostics.Stopwatch.GetTimestamp();

        for (var i = 2; i < 10_002; i++)
        {
            // As a request does: it asks, begins a session of its own, and ends it.
            var (guess, fresh) = (new SessionKey((UInt128)i, "eve", null), new SessionEntry());
            table.Knows(guess.Secret).Should().BeFalse();
            (table.GetOrAdd(guess, fresh) == fresh).Should().BeTrue();
            table.Begin(guess, fresh, client);
            table.End(guess, fresh);
        }

        System.Diagnostics.Stopwatch.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(10));
        table.Count.Should().Be(1);
        table.Knows(1).Should().BeTrue();
    }

    /// <summary>The same from outside, in small: each wrong secret is a connection of its own, and nothing is left of them.</summary>
    [Fact]
    public async Task Secrets_ManyWrongOnesFromOutside_DisturbNobody()
    {
        await using var host = await StartAsync();
        var (mine, client) = await ConnectFirstAsync(host);
        for (var i = 0; i < 200; i += 20)
        {
            var guesses = await Task.WhenAll(Enumerable.Range(i, 20).Select(n => ConnectAsync(host, null, null, $"{n + 1:x32}")));
            guesses.Should().OnlyContain(guess => guess.SubProtocol == "wspumps.fresh");
            foreach (var guess in guesses)
                await guess.CloseAsync();
        }

        for (var left = 0; left < 200; left++)
            await host.Callbacks.NextUnregisteredAsync();
        host.Broadcaster.Manager.Clients.Should().Equal(client);
        await mine.SendTextAsync("still there");
        (await mine.ReceiveTextAsync()).Should().Be("still there");
    }

    [Fact]
    public Task Secrets_FloodOfWrongOnes_FewAreKeptAndNobodyIsDisturbed() => FloodAsync(500, maxAway: 10);

    /// <summary>As many as come in a second from a whole network of attackers.</summary>
    [Fact]
    [Trait("Category", "Stress")]
    public Task Secrets_FloodOfTenThousandWrongOnes_FewAreKeptAndNobodyIsDisturbed() => FloodAsync(10_000, maxAway: 100);

    /// <summary>Each is cut without a close: its session goes away, and only so many are kept for those who never come back.</summary>
    private static async Task FloodAsync(int count, int maxAway)
    {
        await using var host = await StartAsync(endpoint => endpoint.Resume!.MaxAway = maxAway);
        var (mine, client) = await ConnectFirstAsync(host);

        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) =>
        {
            using var guess = new ClientWebSocket();
            guess.Options.AddSubProtocol($"wspumps.resume.{i + 1:x32}.7");
            guess.Options.AddSubProtocol("wspumps.fresh");
            await guess.ConnectAsync(host.WebSocketAddress(), CancellationToken.None).InTime();
            guess.SubProtocol.Should().Be("wspumps.fresh");
            guess.Abort();
        });

        for (var left = 0; left < count - maxAway; left++)
            await host.Callbacks.NextUnregisteredAsync();
        host.Broadcaster.Manager.Clients.Count.Should().BeLessThanOrEqualTo(1 + maxAway);
        client.Completion.IsCompleted.Should().BeFalse();
        await mine.SendTextAsync("still there");
        (await mine.ReceiveTextAsync()).Should().Be("still there");
    }

    private static async Task<string> StartingAsync(Action<WebSocketPumpsEndpointBuilder> configure, Action<WebSocketPumpsOptions> options)
    {
        var starting = () => StartAsync(configure, PumpsHost.With(options));
        return (await starting.Should().ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>()).Which.Message;
    }

    private static Task<PumpsHost> StartAsync(Action<WebSocketPumpsEndpointBuilder>? configure = null, Action<WebApplicationBuilder>? build = null) => PumpsHost.StartAsync(
        endpoint =>
        {
            endpoint.Resume = new ResumeOptions();
            Echo.Endpoint(endpoint);
            configure?.Invoke(endpoint);
        },
        build);

    private static async Task<(ClientWebSocket Peer, IClient Client)> ConnectFirstAsync(PumpsHost host) =>
        (await ConnectAsync(host, 0), await host.Callbacks.NextRegisteredAsync());

    private static Task<ClientWebSocket> ConnectAsync(PumpsHost host, int received, params string[] others) => host.ConnectAsync(configure: options =>
    {
        options.CollectHttpResponseDetails = true;
        options.AddSubProtocol($"wspumps.resume.{Secret}.{received}");
        foreach (var other in others is [] ? ["wspumps.fresh"] : others)
            options.AddSubProtocol(other);
    });

    private static Task<ClientWebSocket> ConnectAsync(PumpsHost host, string? user, string? origin, string secret) => host.ConnectAsync(configure: options =>
    {
        options.CollectHttpResponseDetails = true;
        if (user is not null)
            options.SetRequestHeader("Authorization", "Bearer " + host.Token(user, TimeSpan.FromHours(1)));
        if (origin is not null)
            options.SetRequestHeader("Origin", origin);
        options.AddSubProtocol($"wspumps.resume.{secret}.0");
        options.AddSubProtocol("wspumps.fresh");
    });

    private static async Task AwayAsync(WebSocket peer, IClient client)
    {
        var away = new TaskCompletionSource();
        client.Events.Away += _ => away.TrySetResult();
        peer.Abort();
        await away.Task.InTime();
    }

    /// <summary>What comes back to a message; the code of the close otherwise.</summary>
    private static async Task<string> AnswerAsync(PumpsHost host)
    {
        try
        {
            // Disposed with the host: whoever leaves first must not let another one win as well.
            var peer = await ConnectAsync(host, 0);
            peer.SubProtocol.Should().Be($"wspumps.resume.{Secret}.0");
            await peer.SendTextAsync("still there");
            var (type, payload) = await peer.ReceiveAsync();
            return type is WebSocketMessageType.Close ? $"{(int?)peer.CloseStatus}" : System.Text.Encoding.UTF8.GetString(payload);
        }
        catch (WebSocketException)
        {
            return "cut";
        }
    }

    private static string? Header(ClientWebSocket peer, string name) => peer.HttpResponseHeaders!.TryGetValue(name, out var values) ? values.Single() : null;
}

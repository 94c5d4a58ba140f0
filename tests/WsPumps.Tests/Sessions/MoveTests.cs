using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Sessions;

/// <summary>A client comes back to another server of the cluster.</summary>
public sealed class MoveTests
{
    private const string Secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

    [Fact]
    public async Task Resume_OnAnotherServer_GoesOnThereWithAllThatWasMissed()
    {
        var arrived = new TaskCompletionSource<RegisterContext>();
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint =>
        {
            endpoint.Resume!.MovingState = client => Encoding.UTF8.GetBytes((string)client.Items["name"]!);
            endpoint.Register(context =>
            {
                if (context.MovedFrom is not null)
                    arrived.SetResult(context);
                else
                    context.Client.Items["name"] = "ada";
            });
        });
        var (first, client) = await ConnectFirstAsync(cluster);
        cluster.Broadcaster(0).Join(client, "room");
        await first.SendTextAsync("one");
        (await first.ReceiveTextAsync()).Should().Be("one");
        await client.WriteAsync("two");
        (await first.ReceiveTextAsync()).Should().Be("two");
        await AwayAsync(first, client);
        client.Write("three").Should().Be(WriteResult.Queued);
        cluster.Broadcaster(1).Group("room").Write("four");
        await PumpsCluster.UntilAsync(() => client.Statistics.QueuedMessages == 2);

        // Message two got lost on its way, as far as the peer knows.
        using var second = await cluster.ConnectAsync(1, Secret, 1);

        second.SubProtocol.Should().Be($"wspumps.resume.{Secret}.1");
        PumpsCluster.Header(second, "WsPumps-Received").Should().Be("1");
        foreach (var text in new[] { "two", "three", "four" })
            (await second.ReceiveTextAsync()).Should().Be(text);
        await second.SendTextAsync("five");
        (await second.ReceiveTextAsync()).Should().Be("five");
        cluster.Broadcaster(0).Group("room").Write("six");
        (await second.ReceiveTextAsync()).Should().Be("six");

        var context = await arrived.Task.InTime();
        context.Client.Should().NotBeSameAs(client);
        context.Client.Id.Should().Be(client.Id);
        context.MovedFrom!.NodeId.Should().Be(cluster[0].Services.GetRequiredService<Cluster>().NodeId);
        context.MovedFrom.Groups.Should().Equal("room");
        Encoding.UTF8.GetString(context.MovedFrom.State.Span).Should().Be("ada");
        (await cluster[0].Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.Moved);
        client.Write("late").Should().Be(WriteResult.Closed);
        cluster[0].Logs.EventNames.Should().Contain("SessionMoved");
        cluster[1].Callbacks.Unregistrations.Should().Be(0);
    }

    [Fact]
    public async Task Resume_ThereAndBackAgain_CountsGoOn()
    {
        await using var cluster = await PumpsCluster.StartAsync(2);
        var received = 0;
        for (var i = 0; i < 6; i++)
        {
            using var peer = await cluster.ConnectAsync(i % 2, Secret, received);
            PumpsCluster.Header(peer, "WsPumps-Received").Should().Be(i == 0 ? null : $"{i}");
            await peer.SendTextAsync($"{i}");
            (await peer.ReceiveTextAsync()).Should().Be($"{i}");
            received++;
            peer.Abort();
        }

        await PumpsCluster.UntilAsync(() => cluster.Clients == 1);
    }

    /// <summary>
    /// The client has the same id each time: what an application or a manager keeps by it would be added for the newer one, and then removed for the
    /// older one.
    /// </summary>
    [Theory]
    [InlineData("the token of Register")]
    [InlineData("Unregister")]
    public async Task Resume_BackBeforeItsEarlierClientIsUnregistered_WaitsForThat(string runs)
    {
        var (isHeld, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var steps = new ConcurrentQueue<string>();
        var hosts = 0;
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint =>
        {
            if (hosts++ > 0)
                return;

            endpoint.Register(context =>
            {
                steps.Enqueue($"register {context.MovedFrom is not null}");
                if (runs != "Unregister")
                    context.CancellationToken.Register(() => HoldAsync().GetAwaiter().GetResult());
            });
            endpoint.Unregister(_ => runs == "Unregister" ? new ValueTask(HoldAsync()) : default);
        });
        using (var first = await cluster.ConnectAsync(0, Secret, 0))
            await first.EchoAsync("one");
        using (var second = await cluster.ConnectAsync(1, Secret, 1))
            await second.EchoAsync("two");
        await isHeld.Task.InTime();

        using var third = await cluster.ConnectAsync(0, Secret, 2);
        var echo = third.EchoAsync("three");
        release.TrySetResult();

        (await echo).Should().Be("three");
        steps.Take(4).Should().Equal("register False", "held", "released", "register True");

        async Task HoldAsync()
        {
            steps.Enqueue("held");
            isHeld.TrySetResult();
            await release.Task.InTime();
            steps.Enqueue("released");
        }
    }

    [Fact]
    public async Task Resume_BackWhileUnregisterRunsForLong_ClientIsAskedToComeAgainAndThenResumes()
    {
        var (isHeld, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint =>
        {
            endpoint.Resume!.MoveTimeout = TimeSpan.FromSeconds(2);
            endpoint.Unregister(_ =>
            {
                isHeld.TrySetResult();
                return new ValueTask(release.Task);
            });
        });
        using (var first = await cluster.ConnectAsync(0, Secret, 0))
            await first.EchoAsync("one");
        using (var second = await cluster.ConnectAsync(1, Secret, 1))
            await second.EchoAsync("two");
        await isHeld.Task.InTime();

        for (var i = 0; i < 2; i++)
        {
            using var third = await cluster.ConnectAsync(0, Secret, 2);
            (await third.ReceiveEndAsync()).Should().Be((WebSocketCloseStatus)1012);
        }

        cluster[0].Logs.EventNames.Should().Contain("SessionNotTaken");
        // Nobody was told of those that did not come.
        cluster[0].Callbacks.Unregistrations.Should().Be(0);
        release.TrySetResult();
        await PumpsCluster.UntilAsync(() => cluster[0].Callbacks.Unregistrations == 1);
        using var fourth = await cluster.ConnectAsync(0, Secret, 2);
        (await fourth.EchoAsync("three")).Should().Be("three");
    }

    /// <summary>
    /// It was published before the new server heard the group, and waits in the queue of its channel on the old one, while what that one is asked
    /// overtakes it on another channel.
    /// </summary>
    [Fact]
    public async Task Message_IsStillOnItsWayToTheServerThatIsLeft_ComesAlong()
    {
        var engines = new List<HoldingBackplane>();
        await using var cluster = await PumpsCluster.StartAsync(3, around: engine =>
        {
            engines.Add(new HoldingBackplane(engine));
            return engines[^1];
        });
        var (first, client) = await ConnectFirstAsync(cluster);
        cluster.Broadcaster(0).Join(client, "room");
        await PumpsCluster.UntilAsync(() => cluster.Engines[0].Interests.Any(IsOfAGroup));
        cluster.Broadcaster(2).Group("room").Write("one");
        (await first.ReceiveTextAsync()).Should().Be("one");
        engines[2].LosesMarkers = true;
        engines[0].Hold(IsOfAGroup);
        cluster.Broadcaster(2).Group("room").Write("two");
        await PumpsCluster.UntilAsync(() => engines[0].Held > 0);
        await AwayAsync(first, client);

        var given = cluster.Count(1, PumpsCluster.Given);
        using var second = await cluster.ConnectAsync(1, Secret, 1);
        // Until it waits for what is held, or does not.
        await PumpsCluster.UntilAsync(() => engines[0].HoldsOwn || given() > 0);
        engines[0].Release();
        cluster.Broadcaster(2).Group("room").Write("three");

        (await second.ReceiveTextAsync()).Should().Be("two");
        (await second.ReceiveTextAsync()).Should().Be("three");

        static bool IsOfAGroup(string channel) => channel.StartsWith("wspumps:g", StringComparison.Ordinal);
    }

    /// <summary>A server that hears a question late may have the session by then, for a peer that has received more in the meantime.</summary>
    [Fact]
    public async Task Question_IsHeardWhenThePeerHasComeElsewhere_SessionLivesOn()
    {
        var engines = new List<HoldingBackplane>();
        await using var cluster = await PumpsCluster.StartAsync(3, around: engine =>
        {
            engines.Add(new HoldingBackplane(engine));
            return engines[^1];
        }, build: builder => builder.Services.Configure<ClusterOptions>(options => options.NodeTimeout = TimeSpan.FromMinutes(5)));
        using (var first = await cluster.ConnectAsync(0, Secret, 0))
            await first.EchoAsync("one");
        engines[1].Hold(channel => channel == "wspumps:nodes");
        using (var second = await cluster.ConnectAsync(2, Secret, 1))
            await second.EchoAsync("two");
        using var third = await cluster.ConnectAsync(1, Secret, 2);
        (await third.EchoAsync("three")).Should().Be("three");
        var answers = cluster.Count(2, PumpsCluster.Offered);

        engines[1].Release();
        await PumpsCluster.UntilAsync(() => answers() == 1);

        (await third.EchoAsync("four")).Should().Be("four");
        cluster.Clients.Should().Be(1);
    }

    [Fact]
    public async Task Queue_KeepsKeyTimeToLiveAndPolicyOnItsWay()
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint =>
        {
            endpoint.Options.SlowClientPolicy = SlowClientPolicy.Conflate;
            endpoint.Options.MaxQueuedMessages = 4;
        });
        var (first, client) = await ConnectFirstAsync(cluster);
        await AwayAsync(first, client);
        // The first one is taken to be written, alone because it is large, and waits for a connection.
        var large = new string('.', 20_000);
        client.Write(large);
        client.Write(PreparedMessage.Text("price 1").With(new MessageOptions { ConflationKey = "price" }));
        client.Write(PreparedMessage.Text("stale").With(new MessageOptions { TimeToLive = TimeSpan.FromMilliseconds(1) }));
        client.Write(PreparedMessage.Text("lasting").With(new MessageOptions { TimeToLive = TimeSpan.FromHours(1) }));
        client.Write(PreparedMessage.Text("price 2").With(new MessageOptions { ConflationKey = "price" }));
        await Task.Delay(5);

        using var second = await cluster.ConnectAsync(1, Secret, 0, "wspumps.fresh", "wspumps.again");

        (await second.ReceiveTextAsync()).Should().Be(large);
        (await second.ReceiveTextAsync()).Should().Be("price 2");
        (await second.ReceiveTextAsync()).Should().Be("lasting");
        (await second.EchoAsync("end")).Should().Be("end");
    }

    [Fact]
    public async Task Connect_Anew_AsksNobody()
    {
        await using var cluster = await PumpsCluster.StartAsync(2);
        var asked = cluster.Count(1, PumpsCluster.Wanted);

        using var first = await cluster.ConnectAsync(0, Secret, 0);
        (await first.EchoAsync("hello")).Should().Be("hello");
        asked().Should().Be(0);
        using var other = await cluster.ConnectAsync(0, new string('1', 32), 5);

        other.SubProtocol.Should().Be("wspumps.fresh");
        asked().Should().Be(1);
    }

    [Theory]
    [InlineData("another user")]
    [InlineData("another origin")]
    [InlineData("another secret")]
    public async Task Resume_OfSomebodyElse_IsFreshAndDisturbsNobody(string what)
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint => endpoint.Options.AllowedOrigins.Add("*"), Tickets.AddBearerTokens);
        using var mine = await ConnectAsync(cluster[0], "ada", "https://a.example", Secret);
        (await mine.EchoAsync("hello")).Should().Be("hello");

        using var theirs = await ConnectAsync(cluster[1], what == "another user" ? "eve" : "ada",
            what == "another origin" ? "https://b.example" : "https://a.example", what == "another secret" ? new string('0', 32) : Secret);

        theirs.SubProtocol.Should().Be("wspumps.fresh");
        (await mine.EchoAsync("still there")).Should().Be("still there");

        static Task<ClientWebSocket> ConnectAsync(PumpsHost host, string user, string origin, string secret) => host.ConnectAsync(configure: options =>
        {
            options.SetRequestHeader("Authorization", "Bearer " + host.Token(user, TimeSpan.FromHours(1)));
            options.SetRequestHeader("Origin", origin);
            options.AddSubProtocol($"wspumps.resume.{secret}.1");
            options.AddSubProtocol("wspumps.fresh");
        });
    }

    [Fact]
    public async Task Ring_DoesNotReachBack_IsFreshAndTellsHowManyAreLost()
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint => endpoint.Resume!.MaxMessages = 2);
        var (first, client) = await ConnectFirstAsync(cluster);
        for (var i = 1; i <= 5; i++)
            await first.EchoAsync($"{i}");

        using var second = await cluster.ConnectAsync(1, Secret, 1);

        second.SubProtocol.Should().Be("wspumps.fresh");
        PumpsCluster.Header(second, "WsPumps-Missed").Should().Be("2");
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.Aborted);
    }

    [Fact]
    public async Task Session_TooLarge_IsFreshThereAndStaysHere()
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint => endpoint.Resume!.MaxMoveBytes = 100);
        var (first, client) = await ConnectFirstAsync(cluster);
        await AwayAsync(first, client);
        client.Write(new string('.', 101));

        using (var second = await cluster.ConnectAsync(1, Secret, 0, "wspumps.fresh", "wspumps.again"))
        {
            second.SubProtocol.Should().Be("wspumps.fresh");
            client.Completion.IsCompleted.Should().BeFalse();
            cluster[0].Logs.EventNames.Should().Contain("SessionKept");
        }

        // The way back is open.
        using var third = await cluster.ConnectAsync(0, Secret, 0);
        third.SubProtocol.Should().StartWith("wspumps.resume.");
        (await third.ReceiveTextAsync()).Should().HaveLength(101);
    }

    [Fact]
    public async Task MovingState_Throws_SessionStaysAndTheClientIsAskedToComeAgain()
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint => endpoint.Resume!.MovingState = _ => throw new InvalidOperationException("no state"));
        var (first, client) = await ConnectFirstAsync(cluster);
        await first.EchoAsync("one");

        using var second = await cluster.ConnectAsync(1, Secret, 1);

        (await second.ReceiveEndAsync()).Should().Be((WebSocketCloseStatus)1012);
        client.Completion.IsCompleted.Should().BeFalse();
        cluster[0].Logs.Named("SessionMoveFailed").Should().ContainSingle().Which.Exception!.Message.Should().Be("no state");
    }

    /// <summary>Whatever is lost on its way over the engine, the client is told: a fresh session, or to come again.</summary>
    [Theory]
    [InlineData(PumpsCluster.Wanted, 0)]
    [InlineData(PumpsCluster.Offered, 1)]
    public async Task Question_Lost_IsFreshThereAndTheSessionStaysHere(byte kind, int at)
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint => endpoint.Resume!.MoveTimeout = TimeSpan.FromMilliseconds(200));
        var (first, client) = await ConnectFirstAsync(cluster);
        await first.EchoAsync("one");
        await AwayAsync(first, client);
        var lost = cluster.LoseFirst(at, kind);

        using var second = await cluster.ConnectAsync(1, Secret, 1);

        second.SubProtocol.Should().Be("wspumps.fresh");
        await lost.InTime();
        client.Completion.IsCompleted.Should().BeFalse();
        using var third = await cluster.ConnectAsync(0, Secret, 1);
        third.SubProtocol.Should().StartWith("wspumps.resume.");
    }

    [Fact]
    public async Task Taking_Lost_ClientIsAskedToComeAgainAndThenResumes()
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint => endpoint.Resume!.MoveTimeout = TimeSpan.FromSeconds(2));
        var (first, client) = await ConnectFirstAsync(cluster);
        await first.EchoAsync("one");
        await AwayAsync(first, client);
        client.Write("two");
        var lost = cluster.LoseFirst(0, PumpsCluster.Taken);
        using (var second = await cluster.ConnectAsync(1, Secret, 1))
            (await second.ReceiveEndAsync()).Should().Be((WebSocketCloseStatus)1012);
        await lost.InTime();
        client.Completion.IsCompleted.Should().BeFalse();

        using var third = await cluster.ConnectAsync(1, Secret, 1);

        third.SubProtocol.Should().StartWith("wspumps.resume.");
        (await third.ReceiveTextAsync()).Should().Be("two");
    }

    [Fact]
    public async Task Session_LostOnItsWay_ClientIsAskedToComeAgainAndThenIsFresh()
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint => endpoint.Resume!.MoveTimeout = TimeSpan.FromSeconds(2));
        var (first, client) = await ConnectFirstAsync(cluster);
        await first.EchoAsync("one");
        var lost = cluster.LoseFirst(1, PumpsCluster.Given);
        using (var second = await cluster.ConnectAsync(1, Secret, 1))
            (await second.ReceiveEndAsync()).Should().Be((WebSocketCloseStatus)1012);
        await lost.InTime();
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.Moved);

        using var third = await cluster.ConnectAsync(1, Secret, 1);

        third.SubProtocol.Should().Be("wspumps.fresh");
    }

    [Fact]
    public async Task Resume_HereAndThereAtOnce_OneWinsAndNothingIsLostOrDoubled()
    {
        await using var cluster = await PumpsCluster.StartAsync(2);
        for (var round = 0; round < 25; round++)
        {
            var secret = $"{round + 1:x32}";
            using var first = await cluster.ConnectAsync(0, secret, 0);
            (await first.EchoAsync("one")).Should().Be("one");
            first.Abort();

            await Task.WhenAll(Enumerable.Range(0, 4).Select(i => TryAsync(cluster, i % 2, secret)));

            using var last = await EchoWhereItIsAsync(cluster, round % 2, secret);
            await PumpsCluster.UntilAsync(() => cluster.Clients == 1);
            await last.CloseAsync();
            await PumpsCluster.UntilAsync(() => cluster.Clients == 0);
        }
    }

    [Fact]
    public async Task Drain_ClientsResumeOnAnotherServerWithoutLoss()
    {
        await using var cluster = await PumpsCluster.StartAsync(2);
        var peers = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => cluster.ConnectAsync(0, $"{i:x32}", 0)));
        foreach (var peer in peers)
            await peer.EchoAsync("one");
        var node = cluster[0].Services.GetRequiredService<WebSocketPumpsNode>();

        var draining = node.DrainAsync(new DrainOptions { Timeout = TimeSpan.FromMinutes(1) });
        foreach (var peer in peers)
        {
            (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
            peer.CloseStatusDescription.Should().Contain("reconnect after");
            await peer.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "", CancellationToken.None).InTime();
        }

        cluster.Broadcaster(1).All.Write("meanwhile");
        var resumed = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => cluster.ConnectAsync(1, $"{i:x32}", 1)));

        foreach (var peer in resumed)
        {
            peer.SubProtocol.Should().StartWith("wspumps.resume.");
            PumpsCluster.Header(peer, "WsPumps-Received").Should().Be("1");
            (await peer.ReceiveTextAsync()).Should().Be("meanwhile");
            (await peer.EchoAsync("two")).Should().Be("two");
        }

        var result = await draining.InTime();
        (result.Clients, result.Left, result.Aborted).Should().Be((20, 20, 0));
    }

    [Fact]
    public async Task Drain_PeerClosesByItself_ItsSessionEnds()
    {
        await using var cluster = await PumpsCluster.StartAsync(2);
        var (first, client) = await ConnectFirstAsync(cluster);

        var draining = cluster[0].Services.GetRequiredService<WebSocketPumpsNode>().DrainAsync();
        (await first.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        await first.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.PeerClosed);
        (await draining.InTime()).Aborted.Should().Be(0);
    }

    [Fact]
    public async Task Drain_ClientDoesNotComeBack_IsAbortedAtTheDeadline()
    {
        await using var cluster = await PumpsCluster.StartAsync(2);
        var (first, client) = await ConnectFirstAsync(cluster);
        await AwayAsync(first, client);

        var result = await cluster[0].Services.GetRequiredService<WebSocketPumpsNode>()
            .DrainAsync(new DrainOptions { Timeout = TimeSpan.FromSeconds(1), ReconnectWithin = TimeSpan.Zero }).InTime();

        result.Aborted.Should().Be(1);
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.Aborted);
    }

    /// <summary>Each believes at first that the other could take its sessions, and would wait until the deadline of its drain.</summary>
    [Fact]
    public async Task Drain_OfTheLastServersAtOnce_DoesNotWaitForSessionsThatNobodyCanTake()
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint => endpoint.Resume!.Window = TimeSpan.FromMinutes(10));
        var peers = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => cluster.ConnectAsync(i % 2, $"{i:x32}", 0)));
        foreach (var peer in peers)
            await peer.EchoAsync("one");

        var drains = cluster.Hosts.Select(host => host.Services.GetRequiredService<WebSocketPumpsNode>().DrainAsync(
            new DrainOptions { Timeout = TimeSpan.FromMinutes(10) })).ToList();
        foreach (var peer in peers)
        {
            (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
            await peer.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "", CancellationToken.None).InTime();
        }

        foreach (var result in await Task.WhenAll(drains).InTime())
            (result.Left, result.Aborted).Should().Be((10, 0));
    }

    [Fact]
    public async Task Drain_TheOtherServerIsDrainedLater_SessionsThatWaitForItEnd()
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint => endpoint.Resume!.Window = TimeSpan.FromMinutes(10));
        var (first, client) = await ConnectFirstAsync(cluster);
        var away = new TaskCompletionSource();
        client.Events.Away += _ => away.TrySetResult();
        var draining = cluster[0].Services.GetRequiredService<WebSocketPumpsNode>().DrainAsync(new DrainOptions { Timeout = TimeSpan.FromMinutes(10) });
        (await first.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        await first.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "", CancellationToken.None).InTime();
        await away.Task.InTime();
        client.Completion.IsCompleted.Should().BeFalse("the other server can take it");

        await cluster[1].Services.GetRequiredService<WebSocketPumpsNode>().DrainAsync(new DrainOptions { Timeout = TimeSpan.FromMinutes(10) }).InTime();

        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.Shutdown);
        (await draining.InTime()).Aborted.Should().Be(0);
    }

    [Fact]
    public async Task BetweenServers_Off_IsFreshThere()
    {
        await using var cluster = await PumpsCluster.StartAsync(2, endpoint => endpoint.Resume!.BetweenServers = false);
        var (first, client) = await ConnectFirstAsync(cluster);
        await first.EchoAsync("one");

        using var second = await cluster.ConnectAsync(1, Secret, 1);

        second.SubProtocol.Should().Be("wspumps.fresh");
        client.Completion.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Options_SessionLargerThanTheOutboxCarries_IsAnErrorThatNamesBoth()
    {
        var starting = () => PumpsCluster.StartAsync(1, endpoint => endpoint.Resume!.MaxMoveBytes = 600_000,
            builder => builder.Services.Configure<ClusterOptions>(options => options.MaxOutboxBytes = 1_000_000));

        (await starting.Should().ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>()).Which.Message
            .Should().Contain("Resume.MaxMoveBytes (600000)").And.Contain("ClusterOptions.MaxOutboxBytes (1000000)");
    }

    private static async Task TryAsync(PumpsCluster cluster, int server, string secret)
    {
        try
        {
            using var peer = await cluster.ConnectAsync(server, secret, 1);
            peer.SubProtocol.Should().StartWith("wspumps.resume.");
            peer.Abort();
        }
        catch (WebSocketException)
        {
            // Another one has won, and this one was cut.
        }
    }

    /// <summary>Where the session is on its way between the servers at this very moment, 1012 says to come again, as the protocol has it.</summary>
    private static async Task<ClientWebSocket> EchoWhereItIsAsync(PumpsCluster cluster, int server, string secret)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            var peer = await cluster.ConnectAsync(server, secret, 1);
            peer.SubProtocol.Should().Be($"wspumps.resume.{secret}.1");
            PumpsCluster.Header(peer, "WsPumps-Received").Should().Be("1");
            await peer.SendTextAsync("two");
            var (type, payload) = await peer.ReceiveAsync();
            if (type is WebSocketMessageType.Text)
            {
                System.Text.Encoding.UTF8.GetString(payload).Should().Be("two");
                return peer;
            }

            ((int)peer.CloseStatus!).Should().Be(1012, "nothing else ends it here");
            peer.Dispose();
        }
    }

    private static async Task<(ClientWebSocket Peer, IClient Client)> ConnectFirstAsync(PumpsCluster cluster) =>
        (await cluster.ConnectAsync(0, Secret, 0), await cluster[0].Callbacks.NextRegisteredAsync());

    private static async Task AwayAsync(WebSocket peer, IClient client)
    {
        var away = new TaskCompletionSource();
        client.Events.Away += _ => away.TrySetResult();
        peer.Abort();
        await away.Task.InTime();
    }
}

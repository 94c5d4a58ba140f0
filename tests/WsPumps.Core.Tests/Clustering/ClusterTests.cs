using System.Diagnostics;
using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;
using WsPumps.Core.Tests.History;
using WsPumps.History;

namespace WsPumps.Core.Tests.Clustering;

public sealed class ClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly TestBackplaneNetwork _network = new();
    private readonly List<Server> _servers = [];
    private Server _one = null!;
    private Server _two = null!;

    public async Task InitializeAsync()
    {
        (_one, _two) = (New("one"), New("two"));
        await _one.Cluster.StartAsync().InTime();
        await _two.Cluster.StartAsync().InTime();
        await _one.UntilSees(_two);
        await _two.UntilSees(_one);
    }

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task Write_All_ReachesTheClientsOfBothAndTellsTheCountsOfThisOne()
    {
        var (here, there) = (_one.Add("here"), _two.Add("there"));

        var result = _one.Broadcaster.All.Write("hello");

        result.Should().Be(new BroadcastResult { Queued = 1, Published = true });
        here.WrittenTexts.Should().Equal("hello");
        await Server.UntilGot(there, "hello");
        here.WrittenTexts.Should().Equal("hello");
    }

    [Fact]
    public async Task Write_GroupUserAndIds_ReachOnlyThem()
    {
        var member = _two.Add("member", group: "room");
        var user = _two.Add("user", user: "ann");
        var other = _two.Add("other");
        await _two.UntilHears("room");
        await Waiting.Until(() => _two.Engine.Interests.Count == 5);

        _one.Broadcaster.Group("room").Write("group");
        _one.Broadcaster.User("ann").Write("user");
        _one.Broadcaster.Client("other").Write("id");
        _one.Broadcaster.Clients("member", "user", "nobody").Write("ids");
        _one.Broadcaster.Except("user", "other").Write("except");
        _one.Broadcaster.Groups("room", "another", "a third").Write("groups");
        _one.Broadcaster.Users("ann", "bob").Write("users");

        await Waiting.Until(() => _two.Cluster.Statistics.MessagesReceived == 7);
        await Waiting.Until(() => member.WrittenTexts.Count == 4 && user.WrittenTexts.Count == 3);
        member.WrittenTexts.Should().BeEquivalentTo("group", "ids", "except", "groups");
        user.WrittenTexts.Should().BeEquivalentTo("user", "ids", "users");
        other.WrittenTexts.Should().Equal("id");
    }

    [Fact]
    public async Task Write_OnOneNode_ReachesOnlyTheClientsThere()
    {
        var three = New("three");
        await three.Cluster.StartAsync().InTime();
        await _one.UntilSees(three);
        var (here, there, elsewhere) = (_one.Add("here"), _two.Add("there"), three.Add("elsewhere"));

        _one.Broadcaster.Of(AudienceSelector.All.OnNode(_two.Cluster.NodeId)).Write("there").Queued.Should().Be(0);
        _one.Broadcaster.Of(AudienceSelector.All.OnNode(_one.Cluster.NodeId)).Write("here").Published.Should().BeFalse();
        _one.Broadcaster.All.Write("all");

        await Server.UntilGot(there, "there", "all");
        await Server.UntilGot(elsewhere, "all");
        here.WrittenTexts.Should().Equal("here", "all");
    }

    [Fact]
    public async Task Write_WithOptions_ArrivesWithThem()
    {
        var client = _two.Add("there");
        var options = new MessageOptions { ConflationKey = "price", SlowClientPolicy = SlowClientPolicy.Conflate, TimeToLive = TimeSpan.FromSeconds(3), Compress = false };

        _one.Broadcaster.All.Write(PreparedMessage.Binary([1, 2, 3]).With(options));

        await Waiting.Until(() => client.Written.Count == 1);
        var message = client.Written[0];
        message.Type.Should().Be(WebSocketMessageType.Binary);
        message.Payload.ToArray().Should().Equal(1, 2, 3);
        message.Options.Should().BeEquivalentTo(options);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Write_CompressedForAClientHere_TravelsCompressedAndIsNotCompressedAgainThere(bool isText)
    {
        var client = _two.Add("there");
        var largest = 0;
        _two.Engine.Loses = (_, data) => (largest = Math.Max(largest, data.Length)) < 0;
        var payload = Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"price\":{i}")));
        var message = isText ? PreparedMessage.Text(payload) : PreparedMessage.Binary(payload);
        var compressed = message.Compressed(CompressionLevel.Fastest);

        _one.Broadcaster.All.Write(message);

        await Waiting.Until(() => client.Written.Count == 1);
        largest.Should().BeLessThan(payload.Length / 2);
        var arrived = client.Written[0];
        arrived.Type.Should().Be(message.Type);
        arrived.Payload.ToArray().Should().Equal(payload);
        arrived.Deflated.Should().Equal(message.Deflated);
        // Another level would give other bytes.
        arrived.Compressed(CompressionLevel.NoCompression).Frame.ToArray().Should().Equal(compressed.Frame.ToArray());
    }

    [Fact]
    public async Task Write_ThatMayNotBeCompressed_TravelsPlainAndIsNotCompressedThereEither()
    {
        var client = _two.Add("there");
        var message = PreparedMessage.Text(new string('a', 2000));
        message.Compressed(CompressionLevel.Fastest);

        _one.Broadcaster.All.Write(message.With(new MessageOptions { Compress = false }));

        await Waiting.Until(() => client.Written.Count == 1);
        client.Written[0].Options!.Compress.Should().BeFalse();
        client.Written[0].Deflated.Should().BeNull();
    }

    [Fact]
    public async Task Write_WithinAnActivity_TheOtherServerGoesOnWithItsTrace()
    {
        var received = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == PumpsMetrics.MeterName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = activity =>
            {
                if (activity.OperationName == "wspumps.cluster.receive")
                    received.TrySetResult(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var writing = new Activity("writing").Start();

        _one.Broadcaster.All.Write("traced");

        var activity = await received.Task.InTime();
        activity.TraceId.Should().Be(writing.TraceId);
        activity.ParentSpanId.Should().Be(writing.SpanId);
    }

    [Fact]
    public async Task WriteAsync_All_ReachesTheClientsOfBoth()
    {
        var (here, there) = (_one.Add("here"), _two.Add("there"));

        (await _one.Broadcaster.All.WriteAsync("hello").AsTask().InTime()).Should().Be(new BroadcastResult { Queued = 1, Published = true });

        here.WrittenTexts.Should().Equal("hello");
        await Server.UntilGot(there, "hello");
    }

    [Fact]
    public async Task Write_EngineIsAway_LocalClientsGetItAtOnceAndTheOthersLater()
    {
        var (here, there) = (_one.Add("here"), _two.Add("there"));
        _one.Engine.Disconnect();

        _one.Broadcaster.All.Write("hello");

        here.WrittenTexts.Should().Equal("hello");
        _one.Engine.Connect();
        await Server.UntilGot(there, "hello");
    }

    [Fact]
    public async Task Close_User_ClosesItsConnectionsEverywhere()
    {
        var (here, there) = (_one.Add("here", user: "ann"), _two.Add("there", user: "ann"));
        await Waiting.Until(() => _two.Engine.Interests.Count == 4);

        _one.Broadcaster.User("ann").Close(WebSocketCloseStatus.PolicyViolation, "kicked").Should().Be(1);

        (await here.Closed.InTime()).Status.Should().Be((WebSocketCloseStatus)1008);
        (await there.Closed.InTime()).Status.Should().Be((WebSocketCloseStatus)1008);
        (await there.Closed.InTime()).Reason.Should().Be("kicked");
    }

    [Fact]
    public async Task Close_WhoHasConnectedSince_IsSpared()
    {
        var before = _two.Add("before", connectedAt: TimeProvider.System.GetUtcNow().AddMinutes(-1));
        var after = _two.Add("after", connectedAt: TimeProvider.System.GetUtcNow().AddMinutes(1));

        _one.Broadcaster.All.Close();

        await before.Closed.InTime();
        await Waiting.Until(() => _two.Cluster.Statistics.MessagesReceived == 1);
        after.Closed.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Abort_ById_AbortsIt()
    {
        var there = _two.Add("there");

        _one.Broadcaster.Client("there").Abort().Should().Be(0);

        await there.Completion.InTime();
        there.IsAborted.Should().BeTrue();
    }

    [Fact]
    public async Task CloseAsync_OverTheCluster_TellsHowMany()
    {
        _one.Add("here", group: "room");
        _two.Add("there", group: "room");
        _two.Add("also there", group: "room");

        var result = await _one.Cluster.CloseAsync(_one.Broadcaster.Group("room"), Timeout).InTime();

        result.Value.Should().Be(3);
        result.IsComplete.Should().BeTrue();
        result.Answered.Should().Equal(_one.Cluster.NodeId, _two.Cluster.NodeId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(61_000)]
    public async Task CloseAsync_TimeoutOutOfRange_ClosesNobody(int milliseconds)
    {
        var here = _one.Add("here", group: "room");
        var there = _two.Add("there", group: "room");

        var close = () => _one.Cluster.CloseAsync(_one.Broadcaster.Group("room"), TimeSpan.FromMilliseconds(milliseconds)).InTime();

        (await close.Should().ThrowAsync<ArgumentOutOfRangeException>()).WithMessage("*from 10 ms to 1 minute*");
        (await _one.Cluster.CountAsync(_one.Broadcaster.Group("room"), Timeout).InTime()).Value.Should().Be(2);
        here.Closed.IsCompleted.Should().BeFalse();
        there.Closed.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task CountAndQuery_OverTheCluster_AnswerFromAll()
    {
        _one.Add("here", user: "ann", group: "room");
        _two.Add("there", user: "bob", group: "room");
        _two.Add("elsewhere");

        (await _one.Cluster.CountAsync(_one.Broadcaster.Group("room"), Timeout).InTime()).Value.Should().Be(2);
        (await _one.Cluster.CountAsync(_one.Broadcaster.All, Timeout).InTime()).Value.Should().Be(3);
        var clients = await _one.Cluster.QueryAsync(_one.Broadcaster.Group("room"), Timeout).InTime();

        clients.Value.Select(client => (client.NodeId, client.Client.Id, client.Client.UserId)).Should().BeEquivalentTo(
        [
            (_one.Cluster.NodeId, "here", "ann"),
            (_two.Cluster.NodeId, "there", "bob"),
        ]);
        clients.Value[1].Client.Groups.Should().Equal("room");
        clients.Value[1].Client.Statistics.ConnectedAt.Should().Be(((RecordingClient)_two.Broadcaster.Client("there").Local.Single()).Statistics.ConnectedAt);
    }

    [Fact]
    public async Task Count_OneServerIsSilent_IsPartialAndNamesIt()
    {
        _one.Add("here");
        _two.Add("there");
        _two.Engine.Loses = static (_, _) => true;

        var result = await _one.Cluster.CountAsync(_one.Broadcaster.All, TimeSpan.FromMilliseconds(200)).InTime();

        result.Value.Should().Be(1);
        result.Missing.Should().Equal(_two.Cluster.NodeId);
        result.IsComplete.Should().BeFalse();
    }

    [Fact]
    public async Task Count_EngineIsAway_DoesNotWait()
    {
        _one.Add("here");
        _one.Engine.Disconnect();

        var result = await _one.Cluster.CountAsync(_one.Broadcaster.All, TimeSpan.FromMinutes(1)).InTime();

        result.Value.Should().Be(1);
        result.Missing.Should().Equal(_two.Cluster.NodeId);
    }

    [Fact]
    public async Task Count_AudienceOfAnotherBroadcaster_IsAnError()
    {
        var foreign = new Broadcaster(new Manager()).All;

        var count = () => _one.Cluster.CountAsync(foreign, Timeout);

        (await count.Should().ThrowAsync<ArgumentException>()).WithMessage("*no broadcaster of this cluster*");
    }

    [Fact]
    public async Task Broadcasters_OfTwoNames_AreApart()
    {
        var (here, there) = (
            _one.Cluster.CreateBroadcaster(new Manager(), "second"),
            _two.Cluster.CreateBroadcaster(new Manager(), "second"));
        var (second, first) = (new RecordingClient { EndsWhenClosed = false }, _two.Add("first"));
        there.Manager.Register(second);

        here.All.Write("for the second");
        _one.Broadcaster.All.Write("for the first");

        await Server.UntilGot(second, "for the second");
        await Server.UntilGot(first, "for the first");
    }

    [Fact]
    public void CreateBroadcaster_NameTwice_IsAnError()
    {
        var create = () => _one.Cluster.CreateBroadcaster(new Manager());

        create.Should().Throw<ArgumentException>().WithMessage("*already*another name*");
    }

    [Fact]
    public async Task CreateBroadcaster_WithARoute_TheRouteIsAsked()
    {
        var audiences = new List<string>();
        var broadcaster = _one.Cluster.CreateBroadcaster(new Manager(), "watched", inner => new WatchingRoute(inner, audiences));
        var there = _two.Cluster.CreateBroadcaster(new Manager(), "watched");
        var client = new RecordingClient { EndsWhenClosed = false };
        there.Manager.Register(client);

        broadcaster.All.Write("seen");

        await Server.UntilGot(client, "seen");
        audiences.Should().Equal("all clients");
    }

    [Fact]
    public async Task Presence_GroupsAndUsers_AreCountedOverTheCluster()
    {
        var (one, two) = (New("p1", options => options.Presence = true), New("p2", options => options.Presence = true));
        one.Add("a", user: "ann", group: "room");
        two.Add("b", user: "ann", group: "room");
        await one.Cluster.StartAsync().InTime();
        await two.Cluster.StartAsync().InTime();
        await one.UntilSees(two);

        await Waiting.Until(() => one.Cluster.Presence.Group("room") is { Count: 2 });
        await Waiting.Until(() => two.Cluster.Presence.User("ann") is { Count: 2 });
        two.Add("c", user: "bob", group: "room");
        await Waiting.Until(() => one.Cluster.Presence.Group("room").Count == 3 && one.Cluster.Presence.IsOnline("bob"));
        var bob = two.Broadcaster.User("bob").Local.Single();
        two.Broadcaster.Manager.Unregister(bob);
        await Waiting.Until(() => !one.Cluster.Presence.IsOnline("bob") && one.Cluster.Presence.Group("room").Count == 2);
        await two.DisposeAsync();
        await Waiting.Until(() => one.Cluster.Presence.Group("room").Count == 1);
    }

    [Fact]
    public async Task Presence_OneComesLate_GetsAllOfIt()
    {
        var one = New("p1", options => options.Presence = true);
        for (var i = 0; i < 50; i++)
            one.Add($"{i}", user: $"user-{i}");
        await one.Cluster.StartAsync().InTime();
        await Task.Delay(1500);
        var late = New("late", options => options.Presence = true);
        await late.Cluster.StartAsync().InTime();

        await Waiting.Until(() => late.Cluster.Presence.IsOnline("user-49") && late.Cluster.Presence.IsOnline("user-0"));
    }

    [Fact]
    public void Presence_Off_IsAnError()
    {
        var look = () => _one.Cluster.Presence.IsOnline("ann");

        look.Should().Throw<InvalidOperationException>().WithMessage("*ClusterOptions.Presence*");
    }

    [Fact]
    public async Task Join_GroupsOfAnyNumber_CostNoMessage()
    {
        var client = _one.Add("here");
        for (var i = 0; i < 100; i++)
            _one.Broadcaster.Join(client, $"warm-{i}");
        await Waiting.Until(() => _one.Engine.Interests.Count == 3 + 8);
        var before = (_one.Engine.Subscribed, _one.Cluster.Statistics.MessagesPublished);

        for (var i = 0; i < 10_000; i++)
            _one.Broadcaster.Join(client, $"room-{i}");

        (_one.Engine.Subscribed, _one.Cluster.Statistics.MessagesPublished).Should().Be(before);
    }

    [Fact]
    public async Task History_OfEachServerForItself_IsKeptOverTheClusterToo()
    {
        _one.Broadcaster.KeepHistory("room");
        _two.Broadcaster.KeepHistory("room");
        var there = _two.Add("there", group: "room");
        await _two.UntilHears("room");
        _one.Broadcaster.Group("room").Write("first");
        await Server.UntilGot(there, "first");
        var late = _two.Add("late");

        var result = await _two.Broadcaster.JoinAsync(late, "room").AsTask().InTime();

        result.Should().BeEquivalentTo(new { Status = HistoryStatus.Complete, Replayed = 1 });
        late.WrittenTexts.Should().Equal("first");
    }

    [Fact]
    public async Task History_SharedByAll_AClientThatChangesTheServerMissesNothing()
    {
        var store = new SharedStore(new MemoryHistoryStore(TimeProvider.System));
        var options = new HistoryOptions { Count = 10_000, Stamp = (position, message) => PreparedMessage.Text($"{position} {System.Text.Encoding.UTF8.GetString(message.Payload.Span)}") };
        var servers = new[] { New("h1", history: store), New("h2", history: store), New("h3", history: store) };
        foreach (var server in servers)
        {
            server.Broadcaster.KeepHistory("room", options);
            await server.Cluster.StartAsync().InTime();
        }

        await servers[0].UntilSees(servers[1], servers[2]);
        var writing = servers.Select((server, writer) => Background.Run(() =>
        {
            for (var i = 0; i < 300; i++)
                server.Broadcaster.Group("room").Write($"{writer}:{i}");
        })).ToList();

        var got = new List<string>();
        for (var turn = 0; got.Count < 900; turn++)
        {
            var server = servers[turn % 3];
            var client = server.Add($"wanderer-{turn}");
            var result = await server.Broadcaster.JoinAsync(client, "room", got.Count == 0 ? null : got[^1].Split(' ')[0]).AsTask().InTime();
            result.Status.Should().Be(HistoryStatus.Complete);
            await Task.Yield();
            server.Broadcaster.Leave(client, "room");
            got.AddRange(client.WrittenTexts);
        }

        await Task.WhenAll(writing).InTime();
        got.Select(text => text.Split(' ')[1]).Should().OnlyHaveUniqueItems().And.HaveCount(900);
    }

    /// <summary>The message is the last one for now: nothing that comes after it shows that it is missing.</summary>
    [Fact]
    public async Task History_SharedByAll_WrittenWhileAnotherServerWasCutOff_ReachesItsMembersWhenItHearsAgain()
    {
        var store = new SharedStore(new MemoryHistoryStore(TimeProvider.System));
        var servers = new[] { New("h1", history: store), New("h2", history: store) };
        foreach (var server in servers)
        {
            server.Broadcaster.KeepHistory("room");
            await server.Cluster.StartAsync().InTime();
        }

        await servers[0].UntilSees(servers[1]);
        var member = servers[1].Add("member");
        await servers[1].Broadcaster.JoinAsync(member, "room").AsTask().InTime();
        await servers[1].UntilHears("room");
        servers[0].Broadcaster.Group("room").Write("before");
        await Server.UntilGot(member, "before");

        servers[1].Engine.Disconnect();
        await servers[0].Broadcaster.Group("room").WriteAsync("meanwhile").AsTask().InTime();
        member.WrittenTexts.Should().Equal("before");
        servers[1].Engine.Connect();

        await Server.UntilGot(member, "before", "meanwhile");
    }

    [Fact]
    public async Task History_StoreBlocksWhenAServerHearsAgain_TheServerGoesOnTellingThatItIsThere()
    {
        using var release = new ManualResetEventSlim();
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = new SharedStore(new MemoryHistoryStore(TimeProvider.System));
        var servers = new[] { New("h1", BeatsFast, store), New("h2", BeatsFast, store) };
        foreach (var server in servers)
        {
            server.Broadcaster.KeepHistory("room");
            await server.Cluster.StartAsync().InTime();
        }

        await servers[0].UntilSees(servers[1]);
        await servers[1].Broadcaster.JoinAsync(servers[1].Add("member"), "room").AsTask().InTime();
        await servers[1].UntilHears("room");
        servers[1].Engine.Disconnect();
        store.OnRead = () =>
        {
            blocked.TrySetResult();
            release.Wait(Limit.Time).Should().BeTrue();
        };
        servers[1].Engine.Connect();
        await blocked.Task.InTime();

        var seen = LastSeen();
        await Waiting.Until(() => LastSeen() > seen);
        release.Set();

        static void BeatsFast(ClusterOptions options) => options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);

        DateTimeOffset LastSeen() => servers[0].Cluster.Nodes.Single(node => node.Id == servers[1].Cluster.NodeId).LastSeenAt;
    }

    [Fact]
    public async Task WriteAsync_GroupWithAHistoryInAStore_IsTakenBackUntilItsTurn()
    {
        var store = new SharedStore(new MemoryHistoryStore(TimeProvider.System)) { Until = new TaskCompletionSource() };
        var server = New("h", history: store);
        server.Broadcaster.KeepHistory("room");
        var room = server.Broadcaster.Group("room");
        var client = server.Add("here", group: "room");
        using var cancel = new CancellationTokenSource();

        var first = room.WriteAsync("first", cancel.Token).AsTask();
        var second = room.WriteAsync("second", cancel.Token).AsTask();
        var third = room.WriteAsync("third").AsTask();
        await cancel.CancelAsync();

        await second.Invoking(task => task.InTime()).Should().ThrowAsync<OperationCanceledException>();
        await room.Invoking(room => room.WriteAsync("never", cancel.Token).AsTask().InTime()).Should().ThrowAsync<OperationCanceledException>();
        first.IsCompleted.Should().BeFalse("the store has it, and nobody can take it back");
        store.Until.SetResult();
        (await first.InTime()).Queued.Should().Be(1);
        (await third.InTime()).Queued.Should().Be(1);
        client.WrittenTexts.Should().Equal("first", "third");
    }

    [Fact]
    public async Task JoinAsync_TokenHasFired_AMemberStaysOne()
    {
        _one.Broadcaster.KeepHistory("room");
        var client = _one.Add("here", group: "room");

        var join = () => _one.Broadcaster.JoinAsync(client, "room", cancellationToken: new CancellationToken(canceled: true)).AsTask().InTime();

        await join.Should().ThrowAsync<OperationCanceledException>();
        _one.Broadcaster.GroupsOf(client).Should().Equal("room");
    }

    [Fact]
    public async Task Join_GroupKeepsNoHistory_IsAnError()
    {
        var join = () => _one.Broadcaster.JoinAsync(_one.Add("here"), "room").AsTask();

        (await join.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*'room' keeps no history*KeepHistory*");
    }

    [Theory]
    [InlineData("GroupChannels")]
    [InlineData("NodeTimeout")]
    [InlineData("ChannelPrefix")]
    [InlineData("ApplicationName")]
    public void Options_OutOfRange_AreNamed(string option)
    {
        var options = option switch
        {
            "GroupChannels" => new ClusterOptions { GroupChannels = 0 },
            "NodeTimeout" => new ClusterOptions { NodeTimeout = TimeSpan.FromSeconds(5), HeartbeatInterval = TimeSpan.FromSeconds(3) },
            "ChannelPrefix" => new ClusterOptions { ChannelPrefix = "with space" },
            _ => new ClusterOptions { ApplicationName = "" },
        };

        var create = () => new Cluster(_network.Add(), new ClusterSettings { Options = options });

        create.Should().Throw<ArgumentException>().WithMessage($"*{option}*");
    }

    private Server New(string name, Action<ClusterOptions>? configure = null, IHistoryStore? history = null)
    {
        var server = new Server(_network.Add(), name, configure, history);
        _servers.Add(server);
        return server;
    }

    private sealed class WatchingRoute(IBroadcastRoute inner, List<string> audiences) : IBroadcastRoute
    {
        public BroadcastResult Write(AudienceSelector audience, PreparedMessage message)
        {
            audiences.Add(audience.ToString());
            return inner.Write(audience, message);
        }

        public ValueTask<BroadcastResult> WriteAsync(AudienceSelector audience, PreparedMessage message, CancellationToken cancellationToken) =>
            inner.WriteAsync(audience, message, cancellationToken);

        public int Close(AudienceSelector audience, WebSocketCloseStatus status, string? reason, CloseMode mode) => inner.Close(audience, status, reason, mode);

        public int Abort(AudienceSelector audience) => inner.Abort(audience);
    }
}

using System.Net.WebSockets;
using System.Security.Claims;
using System.Text.Json.Serialization;
using WsPumps.Framing;

namespace WsPumps.Core.Tests;

public partial class AudienceTests
{
    private readonly LogRecorder _log = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly Broadcaster _broadcaster;
    private readonly RecordingClient _ann1 = new() { EndsWhenClosed = false, Id = "ann1", User = User("ann") };
    private readonly RecordingClient _ann2 = new() { EndsWhenClosed = false, Id = "ann2", User = User("ann") };
    private readonly RecordingClient _bob = new() { EndsWhenClosed = false, Id = "bob", User = User("bob") };
    private readonly RecordingClient _nobody = new() { EndsWhenClosed = false, Id = "nobody" };

    public AudienceTests()
    {
        _broadcaster = new Broadcaster(new Manager(new ManagerSettings { TimeProvider = _clock, Logger = _log }));
        foreach (var client in Everybody)
            _broadcaster.Manager.Register(client);

        _broadcaster.Join(_ann1, "room");
        _broadcaster.Join(_bob, "room");
        _broadcaster.Join(_nobody, "other");
        _broadcaster.Join(_ann1, "other");
    }

    private RecordingClient[] Everybody => [_ann1, _ann2, _bob, _nobody];

    public static TheoryData<string, string[]> Audiences => new()
    {
        { "all", ["ann1", "ann2", "bob", "nobody"] },
        { "group", ["ann1", "bob"] },
        { "no group", [] },
        { "user", ["ann1", "ann2"] },
        { "no user", [] },
        { "client", ["bob"] },
        { "no client", [] },
        { "clients", ["bob", "ann1"] },
        { "except", ["ann2", "nobody"] },
        { "except nobody", ["ann1", "ann2", "bob", "nobody"] },
        { "except ids", ["bob", "nobody"] },
        { "group except", ["bob"] },
        { "groups", ["ann1", "bob", "nobody"] },
        { "groups except", ["bob", "nobody"] },
        { "users", ["bob", "ann1", "ann2"] },
        { "clients except", ["ann1"] },
    };

    public static TheoryData<string, string[]> LocalAudiences => new()
    {
        { "where", ["ann1", "ann2"] },
        { "group where except", [] },
        { "user where", ["ann2"] },
        { "where where", ["ann2"] },
        { "except id", ["ann1", "ann2", "nobody"] },
    };

    [Theory]
    [MemberData(nameof(Audiences))]
    public void Write_Audience_ReachesExactlyThose(string name, string[] ids)
    {
        var audience = Audience(name);

        audience.Write("x").Should().Be(new BroadcastResult { Queued = ids.Length });

        Everybody.Where(client => client.Written.Count > 0).Select(client => client.Id).Should().BeEquivalentTo(ids);
        Everybody.Should().OnlyContain(client => client.Written.Count <= 1);
        audience.Local.Select(client => client.Id).Should().Equal(ids);
        audience.Local.Count.Should().Be(ids.Length);
    }

    [Theory]
    [MemberData(nameof(LocalAudiences))]
    public void Write_LocalAudience_ReachesExactlyThose(string name, string[] ids)
    {
        var audience = LocalAudience(name);

        audience.Write("x").Should().Be(new BroadcastResult { Queued = ids.Length });

        Everybody.Where(client => client.Written.Count > 0).Select(client => client.Id).Should().BeEquivalentTo(ids);
        audience.Select(client => client.Id).Should().Equal(ids);
        audience.Count.Should().Be(ids.Length);
    }

    [Fact]
    public void Write_AudienceKept_LooksAnewEachTime()
    {
        var room = _broadcaster.Group("room");
        _broadcaster.Leave(_bob, "room");
        _broadcaster.Join(_nobody, "room");
        var late = new RecordingClient { EndsWhenClosed = false };
        _broadcaster.Join(late, "room");

        room.Local.Should().Equal(_ann1, _nobody, late);
    }

    [Fact]
    public void Write_InAllStates_CountsEachButTheFiltered()
    {
        WriteResult[] results = [WriteResult.Queued, WriteResult.Dropped, WriteResult.TooLarge, WriteResult.Closed, WriteResult.Queued];
        foreach (var result in results)
            _broadcaster.Join(new RecordingClient { EndsWhenClosed = false, Respond = _ => result }, "mixed");
        var last = new RecordingClient { EndsWhenClosed = false };
        _broadcaster.Join(last, "mixed");

        _broadcaster.Group("mixed").Except(last).Write("x").Should().Be(new BroadcastResult { Queued = 2, Dropped = 2, Closed = 1 });
    }

    [Fact]
    public void Write_EachForm_IsEncodedOnceForAll()
    {
        _broadcaster.All.Write("text");
        _broadcaster.All.Write(Message.Binary(new byte[] { 1, 2 }));
        _broadcaster.All.Write(Message.Text("utf-8"u8.ToArray()));
        _broadcaster.All.Write(new Price("X", 5), Json.Default.Price);
        var prepared = PreparedMessage.Text("p");
        _broadcaster.All.Write(prepared);

        Everybody.Should().OnlyContain(client => client.Written.SequenceEqual(_ann1.Written, ReferenceEqualityComparer.Instance));
        _ann1.Written.Select(message => Convert.ToHexString(message.Payload.Span)).Should().Equal(
            Hex("text"u8), "0102", Hex("utf-8"u8), Hex("""{"Symbol":"X","Value":5}"""u8), Hex("p"u8));
        _ann1.Written.Select(message => message.Opcode).Should().Equal(Opcode.Text, Opcode.Binary, Opcode.Text, Opcode.Text, Opcode.Text);
    }

    [Fact]
    public void Write_TwoAudiencesByOneCaller_ArriveInOrder()
    {
        Audience[] audiences = [_broadcaster.All, _broadcaster.Group("room"), _broadcaster.User("ann"), _broadcaster.Client("ann1"), _broadcaster.Except(_bob)];
        var sent = new List<PreparedMessage>();
        for (var i = 0; i < 100; i++)
        {
            var message = PreparedMessage.Text($"{i}");
            audiences[i % audiences.Length].Write(message);
            sent.Add(message);
        }

        _ann1.Written.Should().Equal(sent);
        foreach (var client in Everybody)
            client.Written.Select(message => sent.IndexOf(message)).Should().BeInAscendingOrder();
    }

    [Fact]
    public void Except_WrapperOrInner_BothLeaveTheClientOut()
    {
        var inner = new RecordingClient { EndsWhenClosed = false };
        var wrapper = new WrappingClient(inner);
        _broadcaster.Manager.Register(wrapper);

        _broadcaster.Except(inner).Local.Should().NotContain(wrapper);
        _broadcaster.Except(wrapper).Local.Should().NotContain(wrapper);
        _broadcaster.Except(wrapper, _bob).Local.Should().Equal(_ann1, _ann2, _nobody);
    }

    [Fact]
    public void Clients_Duplicates_GetItOnce()
    {
        _broadcaster.Clients("bob", "bob", "nobody", "unknown", "bob").Write("x").Queued.Should().Be(2);

        _bob.Written.Should().ContainSingle();
    }

    [Fact]
    public void Where_PredicateThrows_LeavesThatClientOutAndLogsOnce()
    {
        var audience = _broadcaster.All.Local.Where(client => client.User is null ? true : throw new InvalidOperationException("A predicate's own fault."));

        audience.Write("x").Should().Be(new BroadcastResult { Queued = 1 });

        _nobody.Written.Should().ContainSingle();
        _log.EventNames.Should().Equal("AudiencePredicateFailed");
    }

    [Fact]
    public async Task Close_Audience_ClosesExactlyThoseAndCounts()
    {
        _ann2.End();

        _broadcaster.User("ann").Close((WebSocketCloseStatus)4000, "kicked").Should().Be(1);

        (await _ann1.Closed.InTime()).Status.Should().Be((WebSocketCloseStatus)4000);
        _ann2.Closed.IsCompleted.Should().BeFalse();
        _bob.Closed.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public void Close_InvalidCode_ThrowsBeforeAnybodyIsClosed()
    {
        _broadcaster.Invoking(broadcaster => broadcaster.All.Close((WebSocketCloseStatus)1006)).Should().Throw<ArgumentOutOfRangeException>();

        Everybody.Should().OnlyContain(client => !client.Closed.IsCompleted);
    }

    [Fact]
    public async Task Close_ClientThrows_OthersAreStillClosed()
    {
        var broken = new RecordingClient { EndsWhenClosed = false, OnClose = static _ => throw new InvalidOperationException("A client that breaks its contract.") };
        _broadcaster.Join(broken, "room");

        _broadcaster.Group("room").Close().Should().Be(2);

        (await _bob.Closed.InTime()).Status.Should().Be((WebSocketCloseStatus)1000);
        _log.EventNames.Should().Equal("AudienceEndFailed");
    }

    [Fact]
    public void Abort_Audience_AbortsExactlyThoseAndCounts()
    {
        _broadcaster.Group("room").Abort().Should().Be(2);
        _broadcaster.Group("room").Abort().Should().Be(0);

        Everybody.Where(client => client.IsAborted).Should().Equal(_ann1, _bob);
    }

    [Fact]
    public async Task DeliverAsync_NotSettled_EndsWhenTheTimeIsOver()
    {
        var writing = _broadcaster.Group("room").DeliverAsync("x", TimeSpan.FromSeconds(5));
        _bob.Written.Should().ContainSingle();
        writing.IsCompleted.Should().BeFalse();

        _clock.Advance(TimeSpan.FromSeconds(5));

        (await writing.InTime()).Should().Be(new DeliveryResult { Pending = 2 });
    }

    [Fact]
    public async Task DeliverAsync_NobodyThere_CompletesAtOnce()
    {
        (await _broadcaster.Group("none").DeliverAsync("x", TimeSpan.FromSeconds(5)).InTime()).Should().Be(default(DeliveryResult));
    }

    [Fact]
    public void DeliverAsync_TimeoutOutOfRange_ThrowsBeforeAnythingIsQueued()
    {
        Action write = () => _ = _broadcaster.All.DeliverAsync("x", TimeSpan.FromSeconds(-5));

        write.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("timeout");
        _bob.Written.Should().BeEmpty();
    }

    private static ClaimsPrincipal User(string id) => new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, id)]));

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes);

    private LocalAudience LocalAudience(string name) => name switch
    {
        "where" => _broadcaster.All.Local.Where(IsAnn),
        "group where except" => _broadcaster.Group("room").Local.Where(client => client == _bob).Except(_bob),
        "user where" => _broadcaster.User("ann").Local.Where(client => client != _ann1),
        "where where" => _broadcaster.All.Local.Where(IsAnn).Where(client => client != _ann1),
        "except id" => _broadcaster.All.Local.Except("bob"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    private static bool IsAnn(IClient client) => client.Id.StartsWith("ann", StringComparison.Ordinal);

    private Audience Audience(string name) => name switch
    {
        "all" => _broadcaster.All,
        "group" => _broadcaster.Group("room"),
        "no group" => _broadcaster.Group("none"),
        "user" => _broadcaster.User("ann"),
        "no user" => _broadcaster.User("eve"),
        "client" => _broadcaster.Client("bob"),
        "no client" => _broadcaster.Client("eve"),
        "clients" => _broadcaster.Clients("bob", "ann1"),
        "except" => _broadcaster.Except(_ann1, _bob),
        "except nobody" => _broadcaster.Except(Array.Empty<IClient>()),
        "except ids" => _broadcaster.Except("ann1", "ann2"),
        "groups" => _broadcaster.Groups("room", "other", "none"),
        "groups except" => _broadcaster.Groups("room", "other").Except(_ann1),
        "users" => _broadcaster.Users("bob", "eve", "ann"),
        "group except" => _broadcaster.Group("room").Except(_ann1),
        "clients except" => _broadcaster.Clients(["bob", "ann1"]).Except(_bob),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    internal sealed record Price(string Symbol, int Value);

    [JsonSerializable(typeof(Price))]
    internal sealed partial class Json : JsonSerializerContext;
}

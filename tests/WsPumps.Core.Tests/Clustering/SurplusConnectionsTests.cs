using System.Net.WebSockets;

namespace WsPumps.Core.Tests.Clustering;

public sealed class SurplusConnectionsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TestBackplaneNetwork _network = new();
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
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task KeepNewest_MoreThanTheLimitOnTwoServers_TheOldestAreClosedWhereverTheyAre()
    {
        var others = new[] { _one.Add("b1", "bob", connectedAt: Ago(9)), _two.Add("b2", "bob", connectedAt: Ago(8)) };
        var (first, second) = (_two.Add("a1", "ann", connectedAt: Ago(4)), _one.Add("a2", "ann", connectedAt: Ago(3)));
        var (third, last) = (_two.Add("a3", "ann", connectedAt: Ago(2)), _one.Add("a4", "ann", connectedAt: Ago(1)));
        await Waiting.Until(() => _one.Cluster.Presence.User("ann").Count == 4 && _one.Cluster.Presence.User("bob").Count == 2);

        _one.Cluster.KeepNewest("bob", "", max: 2);
        _one.Cluster.KeepNewest("ann", "", max: 2);

        (await first.Closed.InTime()).Status.Should().Be(WebSocketCloseStatus.PolicyViolation);
        await second.Closed.InTime();
        (await first.Closed.InTime()).Reason.Should().Be("A newer connection took the place of this one.");
        others.Append(third).Append(last).Should().NotContain(client => client.Closed.IsCompleted);
    }

    [Fact]
    public async Task KeepNewest_NewestIsOnAnotherServerToo_BothServersCloseTheSame()
    {
        var (first, second, last) = (_one.Add("a1", "ann", connectedAt: Ago(2)), _two.Add("a3", "ann", connectedAt: Ago(1)), _one.Add("a2", "ann", connectedAt: Ago(1)));
        await Waiting.Until(() => _one.Cluster.Presence.User("ann").Count == 3 && _two.Cluster.Presence.User("ann").Count == 3);

        _one.Cluster.KeepNewest("ann", "", max: 1);
        _two.Cluster.KeepNewest("ann", "", max: 1);

        // Of two that came at the same time the ids decide, on whichever server they are.
        await Task.WhenAll(first.Closed, second.Closed).InTime();
        last.Closed.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task KeepNewest_AClientThrows_IsLoggedAndTriedAgain()
    {
        var (old, newest) = (_one.Add("a1", "ann", connectedAt: Ago(2)), _one.Add("a2", "ann", connectedAt: Ago(1)));
        var broken = new BrokenClient(new RecordingClient { Id = "a0", User = old.User, Statistics = new ClientStatistics { ConnectedAt = Ago(3) } });
        _one.Broadcaster.Manager.Register(broken);
        broken.Throws = true;

        _one.Cluster.KeepNewest("ann", "", max: 1);

        await Waiting.Until(() => _one.Logger.EventNames.Contains("ClusterSurplusFailed"));
        old.Closed.IsCompleted.Should().BeFalse();
        broken.Throws = false;
        // On a busy machine the seconds in which it is tried again may be over.
        _one.Cluster.KeepNewest("ann", "", max: 1);
        await old.Closed.InTime();
        newest.Closed.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task KeepNewest_RouteOfTheApplicationForbidsCloses_IsNotAsked()
    {
        await using var three = new Server(_network.Add(), "three", WithPresence, route: inner => new NoCloses(inner));
        await three.Cluster.StartAsync().InTime();
        var (old, newest) = (three.Add("a1", "ann", connectedAt: Ago(2)), three.Add("a2", "ann", connectedAt: Ago(1)));

        three.Cluster.KeepNewest("ann", "", max: 1);

        await old.Closed.InTime();
        newest.Closed.IsCompleted.Should().BeFalse();
    }

    private Server New(string name) => new(_network.Add(), name, WithPresence);

    private static void WithPresence(ClusterOptions options) => options.Presence = true;

    private static DateTimeOffset Ago(int minutes) => Now.AddMinutes(-minutes);

    private sealed class BrokenClient(IClient inner) : DelegatingClient(inner)
    {
        public volatile bool Throws;

        public override string Id => Throws ? throw new InvalidOperationException("A client that fails.") : base.Id;
    }

    private sealed class NoCloses(IBroadcastRoute inner) : IBroadcastRoute
    {
        public BroadcastResult Write(AudienceSelector audience, PreparedMessage message) => inner.Write(audience, message);

        public ValueTask<BroadcastResult> WriteAsync(AudienceSelector audience, PreparedMessage message, CancellationToken cancellationToken) =>
            inner.WriteAsync(audience, message, cancellationToken);

        public int Close(AudienceSelector audience, WebSocketCloseStatus status, string? reason, CloseMode mode) =>
            throw new InvalidOperationException("Nobody is closed here.");

        public int Abort(AudienceSelector audience) => inner.Abort(audience);
    }
}

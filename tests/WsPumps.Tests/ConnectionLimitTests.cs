using System.Net;
using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using WsPumps.Endpoints;
using WsPumps.Hosting;
using WsPumps.Testing;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests;

public sealed class ConnectionLimitTests
{
    [Fact]
    public void TryEnter_Full_RefusesUntilOneLeaves()
    {
        var limit = new ConnectionLimit(2);
        Enter(limit, out var first).Should().BeTrue();
        Enter(limit, out _).Should().BeTrue();
        Enter(limit, out _).Should().BeFalse();

        first!.Release();
        first.Release();

        limit.Count.Should().Be(1);
        Enter(limit, out _).Should().BeTrue();
        Enter(limit, out _).Should().BeFalse();
    }

    [Fact]
    public void TryEnter_Key_CountsEachByItself()
    {
        var limit = new ConnectionLimit(1, http => http.Request.Headers["Device"]);

        Enter(limit, out _, "a").Should().BeTrue();
        Enter(limit, out _, "b").Should().BeTrue();
        Enter(limit, out _, "a").Should().BeFalse();
        Enter(limit, out var uncounted).Should().BeTrue("what has no key is not counted");

        uncounted.Should().BeNull();
        limit.Count.Should().Be(2);
    }

    [Fact]
    public async Task TryEnter_CloseOldest_TheOldestIsReplacedOnceAndNeverMoreHoldAPlace()
    {
        var limit = new ConnectionLimit(2) { CloseOldest = true };
        var leases = new List<(ConnectionLease Lease, Holder Holder)>();
        for (var i = 0; i < 4; i++)
            leases.Add(EnterAndOccupy(limit));

        await Task.WhenAll(leases[0].Holder.Replaced.Task, leases[1].Holder.Replaced.Task).InTime();
        limit.Count.Should().Be(2);

        leases.ForEach(entry => entry.Lease.Release());
        limit.Count.Should().Be(0);
        leases.Skip(2).Should().NotContain(entry => entry.Holder.Replaced.Task.IsCompleted);
        leases.Should().NotContain(entry => entry.Holder.Aborted.Task.IsCompleted);
    }

    [Fact]
    public async Task TryEnter_CloseOldestAndNobodyAnswers_AsManyAsTheLimitCloseAndTheOlderAreAborted()
    {
        var limit = new ConnectionLimit(2) { CloseOldest = true };
        var leases = new List<(ConnectionLease Lease, Holder Holder)>();
        for (var i = 0; i < 6; i++)
            leases.Add(EnterAndOccupy(limit));

        await Task.WhenAll(leases[0].Holder.Aborted.Task, leases[1].Holder.Aborted.Task).InTime();
        leases.Skip(2).Should().NotContain(entry => entry.Holder.Aborted.Task.IsCompleted);
        Enter(limit, out _).Should().BeFalse("even an abort has not ended the first ones yet");

        leases[0].Lease.Release();
        Enter(limit, out _).Should().BeTrue();
    }

    [Fact]
    public async Task Occupy_ReplacedBefore_IsToldAtOnce()
    {
        var limit = new ConnectionLimit(1) { CloseOldest = true };
        Enter(limit, out var first);
        EnterAndOccupy(limit);
        var holder = new Holder();

        first!.Occupy(holder);

        await holder.Replaced.Task.InTime();
    }

    [Fact]
    public async Task Enter_SecondLimitIsFull_NobodyIsReplacedByTheFirst()
    {
        var (perUser, perAddress) = (new ConnectionLimit(1) { CloseOldest = true }, new ConnectionLimit(1));
        var held = EnterAndOccupy(perUser);
        Enter(perAddress, out _);

        using (var admission = new Admission(new ApplicationUsers(null), cluster: null))
            admission.Enter(new DefaultHttpContext(), [perUser, perAddress]).Should().BeSameAs(perAddress);

        perUser.Count.Should().Be(1);
        held.Holder.Replaced.Task.IsCompleted.Should().BeFalse();
        EnterAndOccupy(perUser);
        await held.Holder.Replaced.Task.InTime();
    }

    [Fact]
    public async Task Commit_HolderBlocksItsCaller_TheNewcomerDoesNotWait()
    {
        var limit = new ConnectionLimit(1) { CloseOldest = true };
        var released = new TaskCompletionSource();
        Enter(limit, out var first);
        first!.Occupy(new Holder { OnReplace = () => released.Task.Wait(Limit.Time) });

        await Task.Run(() => EnterAndOccupy(limit)).InTime();

        released.SetResult();
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void PerAddress_SameHostOrNetwork_SharesThePlaces(string first, string second, bool shares)
    {
        var limit = ConnectionLimit.PerAddress(1);
        limit.TryEnter(From(first), out _).Should().BeTrue();

        limit.TryEnter(From(second), out _).Should().Be(!shares);
    }

    [Fact]
    public async Task TryEnter_ManyAtOnce_NeverMoreThanTheLimitAndNoneLeftBehind()
    {
        var limit = new ConnectionLimit(3, http => http.Request.Headers["Device"]);
        int inside = 0, most = 0;
        var lockForCounts = new Lock();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                if (!Enter(limit, out var place, "a"))
                    continue;
                lock (lockForCounts)
                    most = Math.Max(most, ++inside);
                lock (lockForCounts)
                    inside--;
                place!.Release();
            }
        }))).InTime();

        most.Should().BeInRange(1, 3);
        limit.Count.Should().Be(0);
    }

    [Fact]
    public async Task PerUserInCluster_PlacesAreTakenOnAnotherServer_RefusesUntilTheyAreFree()
    {
        var network = new TestBackplaneNetwork();
        await using var here = ServerOf(network);
        await using var there = ServerOf(network);
        await Task.WhenAll(here.GetRequiredService<Cluster>().StartAsync(), there.GetRequiredService<Cluster>().StartAsync()).InTime();
        var limit = ConnectionLimit.PerUserInCluster(3);
        var elsewhere = new[] { ClientOf("ann"), ClientOf("ann"), ClientOf("bob") };
        foreach (var client in elsewhere)
            there.GetRequiredService<Broadcaster>().Manager.Register(client);
        await UntilAsync(() => here.GetRequiredService<Cluster>().Presence.User("ann").Count == 2);

        limit.TryEnter(RequestOf("ann", here), out var first).Should().BeTrue();
        limit.TryEnter(RequestOf("ann", here), out _).Should().BeFalse("two are there and one is here");
        limit.TryEnter(RequestOf("bob", here), out _).Should().BeTrue("each user has places of its own");
        there.GetRequiredService<Broadcaster>().Manager.Unregister(elsewhere[0]);
        await UntilAsync(() => here.GetRequiredService<Cluster>().Presence.User("ann").Count == 1);
        limit.TryEnter(RequestOf("ann", here), out _).Should().BeTrue();
        first!.Release();
        limit.Count.Should().Be(2);
    }

    [Fact]
    public async Task PerUserInCluster_AllPlacesAreElsewhere_TheRefusedLeavesNothing()
    {
        var network = new TestBackplaneNetwork();
        await using var here = ServerOf(network);
        await using var there = ServerOf(network);
        await Task.WhenAll(here.GetRequiredService<Cluster>().StartAsync(), there.GetRequiredService<Cluster>().StartAsync()).InTime();
        there.GetRequiredService<Broadcaster>().Manager.Register(ClientOf("ann"));
        await UntilAsync(() => here.GetRequiredService<Cluster>().Presence.User("ann").Count == 1);
        var limit = ConnectionLimit.PerUserInCluster(1);

        limit.TryEnter(RequestOf("ann", here), out var lease).Should().BeFalse();

        lease.Should().BeNull();
        limit.Count.Should().Be(0);
    }

    [Fact]
    public async Task PerUserInCluster_PresenceIsOff_SaysSo()
    {
        await using var here = ServerOf(new TestBackplaneNetwork(), presence: false);

        FluentActions.Invoking(() => ConnectionLimit.PerUserInCluster(1).TryEnter(RequestOf("ann", here), out _))
            .Should().Throw<InvalidOperationException>().WithMessage("*ClusterOptions.Presence*");
    }

    [Fact]
    public async Task PerUserInCluster_PresenceIsOff_IsNotMappedAndSaysWhy()
    {
        var start = () => PumpsHost.StartAsync(
            endpoint => endpoint.ConnectionLimits.Add(ConnectionLimit.PerUserInCluster(1)),
            builder => builder.Services.AddWebSocketPumps().AddBackplane(_ => new TestBackplaneNetwork().Add()));

        (await start.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*ConnectionLimit.PerUserInCluster*ClusterOptions.Presence is off*");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PerUserInCluster_CloseOldest_TheOneOnAnotherServerIsReplacedAndTheNewestStays(bool wrapped)
    {
        var network = new TestBackplaneNetwork();
        await using var here = await HostOf(network, wrapped);
        await using var there = await HostOf(network);
        var old = await here.ConnectAsync();
        var replaced = await here.Callbacks.NextRegisteredAsync();
        var cluster = there.Services.GetRequiredService<Cluster>();
        await UntilAsync(() => cluster.Presence.User("ann").Count == 1);

        var newest = await there.ConnectAsync();

        (await old.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await old.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        (await replaced.Completion.InTime()).Reason.Should().Be(DisconnectReason.Replaced);
        await newest.SendTextAsync("still there");
        (await newest.ReceiveTextAsync()).Should().Be("still there");
    }

    [Fact]
    public async Task PerUserInCluster_NoCluster_CountsThisServer()
    {
        await using var here = new ServiceCollection().AddLogging().AddWebSocketPumps().Services.BuildServiceProvider();
        var limit = ConnectionLimit.PerUserInCluster(1);

        limit.TryEnter(RequestOf("ann", here), out _).Should().BeTrue();
        limit.TryEnter(RequestOf("ann", here), out _).Should().BeFalse();
    }

    [Fact]
    public void New_NoPlaceAtAll_Throws() => FluentActions.Invoking(() => new ConnectionLimit(0)).Should().Throw<ArgumentOutOfRangeException>();

    private static bool Enter(ConnectionLimit limit, out ConnectionLease? lease, string? device = null)
    {
        var http = new DefaultHttpContext();
        if (device is not null)
            http.Request.Headers["Device"] = device;
        return limit.TryEnter(Of(http), out lease);
    }

    private static (ConnectionLease Lease, Holder Holder) EnterAndOccupy(ConnectionLimit limit)
    {
        var holder = new Holder();
        Enter(limit, out var lease).Should().BeTrue();
        lease!.Commit();
        lease.Occupy(holder);
        return (lease, holder);
    }

    private static ServiceProvider ServerOf(TestBackplaneNetwork network, bool presence = true) => new ServiceCollection().AddLogging()
        .AddSingleton<IHostEnvironment>(new HostingEnvironment { ApplicationName = "limits" })
        .AddWebSocketPumps().AddBackplane(_ => network.Add(), options => options.Presence = presence).Services.BuildServiceProvider();

    private static Task<PumpsHost> HostOf(TestBackplaneNetwork network, bool wrapped = false) => PumpsHost.StartAsync(
        endpoint =>
        {
            endpoint.Setup(setup => setup.HttpContext.User = Named("ann"));
            endpoint.ConnectionLimits.Add(ConnectionLimit.PerUserInCluster(1, closeOldest: true));
            if (wrapped)
                endpoint.Factory(context => new CustomTypes.WrappingClient(context.CreateClient()));
            endpoint.OnMessage((client, message, token) => client.WriteAsync(message, token));
        },
        builder =>
        {
            PumpsHost.RealTime(builder);
            builder.Services.AddWebSocketPumps().AddBackplane(_ => network.Add(), options => options.Presence = true);
        });

    private static ClaimsPrincipal Named(string user) => new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user)], "test"));

    private static RecordingClient ClientOf(string user) => new() { User = Named(user) };

    private static PlaceRequest RequestOf(string user, IServiceProvider services) =>
        Of(new DefaultHttpContext { User = Named(user) }, services.GetService<Cluster>());

    private static PlaceRequest Of(HttpContext http, Cluster? cluster = null) => new(http, new ApplicationUsers(null), cluster);

    /// <summary>Presence is told once a second, and nothing says when.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition())
            await Task.Delay(10, limit.Token);
    }

    private static PlaceRequest From(string address)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(address);
        return Of(http);
    }

    private sealed class Holder : IReplaceable
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Aborted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TimeProvider Time => TimeProvider.System;

        public Action? OnReplace { get; init; }

        public void Replace()
        {
            OnReplace?.Invoke();
            Replaced.TrySetResult();
        }

        public void Abort() => Aborted.TrySetResult();
    }
}

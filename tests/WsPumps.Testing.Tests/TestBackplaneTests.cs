using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Testing.Tests;

/// <summary>Servers that are connected in memory, on one clock.</summary>
public sealed class TestBackplaneTests : IAsyncLifetime
{
    private readonly VirtualTime _time = new();
    private readonly TestBackplaneNetwork _network;
    private readonly List<TestBackplane> _backplanes = [];
    private readonly List<PumpsTestHost> _hosts = [];

    public TestBackplaneTests() => _network = new TestBackplaneNetwork(_time);

    public async Task InitializeAsync()
    {
        for (var i = 0; i < 3; i++)
        {
            var backplane = _network.Add();
            _backplanes.Add(backplane);
            _hosts.Add(await PumpsTestHost.StartEndpointAsync(
                endpoint => endpoint.OnMessage((_, _, _) => default(ValueTask)),
                app => app.Services.AddWebSocketPumps().AddBackplane(_ => backplane),
                _time).InTime());
        }

        await _time.AdvanceAsync(TimeSpan.FromSeconds(5)).InTime();
    }

    public async Task DisposeAsync()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
    }

    [Fact]
    public async Task Broadcast_OnOneServer_ReachesThePeersOfAll()
    {
        var peers = await ConnectAsync();

        _hosts[0].Broadcaster.All.Write("hello");

        foreach (var peer in peers)
            await peer.ExpectAsync("hello").InTime();
    }

    [Fact]
    public async Task Delay_OfOneBackplane_HoldsWhatComesThere()
    {
        var peers = await ConnectAsync();
        _backplanes[1].Delay = TimeSpan.FromMilliseconds(700);

        _hosts[0].Broadcaster.All.Write("late");

        await peers[2].ExpectAsync("late").InTime();
        await _time.AdvanceAsync(TimeSpan.FromMilliseconds(699)).InTime();
        await peers[1].ExpectNothingAsync().InTime();
        await _time.AdvanceAsync(TimeSpan.FromMilliseconds(1)).InTime();
        await peers[1].ExpectAsync("late").InTime();
    }

    [Fact]
    public async Task Partition_AndHeal_WhatWasLostIsCounted()
    {
        var peers = await ConnectAsync();
        _network.Partition(_backplanes[2]);

        _hosts[0].Broadcaster.All.Write("for two");
        await peers[1].ExpectAsync("for two").InTime();
        await _time.AdvanceAsync(TimeSpan.FromMinutes(1)).InTime();
        Cluster(0).Nodes.Should().HaveCount(2);
        Cluster(2).IsAlone.Should().BeTrue();

        _network.Heal();
        await _time.AdvanceAsync(TimeSpan.FromSeconds(10)).InTime();
        _hosts[0].Broadcaster.All.Write("for three");

        await peers[2].ExpectAsync("for three").InTime();
        Cluster(2).Statistics.MessagesMissing.Should().Be(1);
        Cluster(0).Nodes.Should().HaveCount(3);
    }

    [Fact]
    public async Task LosesAndRepeats_AreMadeUpForAndCounted()
    {
        var peers = await ConnectAsync();
        _hosts[0].Broadcaster.All.Write("first");
        await peers[1].ExpectAsync("first").InTime();
        _backplanes[1].Repeats = _ => true;
        _hosts[0].Broadcaster.All.Write("once");
        await peers[1].ExpectAsync("once").InTime();
        await peers[1].ExpectNothingAsync().InTime();
        _backplanes[1].Loses = (_, _) => true;
        _hosts[0].Broadcaster.All.Write("lost");
        await _time.SettleAsync().InTime();
        _backplanes[1].Loses = (_, _) => false;

        await _time.AdvanceAsync(TimeSpan.FromSeconds(10)).InTime();

        Cluster(1).Statistics.MessagesMissing.Should().Be(1);
        Cluster(1).Statistics.MessagesRepeated.Should().BePositive();
    }

    private Cluster Cluster(int server) => _hosts[server].Services.GetRequiredService<Cluster>();

    private async Task<List<TestPeer>> ConnectAsync()
    {
        var peers = new List<TestPeer>();
        foreach (var host in _hosts)
            peers.Add(await host.ConnectAsync().InTime());
        return peers;
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WsPumps.Reconnecting.Tests.Network;

namespace WsPumps.Reconnecting.Tests.Extensions;

public sealed class AddReconnectingClientTests
{
    [Fact]
    public async Task Host_StartsAndStops_ClientConnectsAndCloses()
    {
        await using var server = await TestServer.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddReconnectingClient(server.Address, (_, options) => options.TimeToLive = TimeSpan.FromMinutes(1));
        using var host = builder.Build();
        await host.StartAsync().InTime();
        var client = host.Services.GetRequiredService<ReconnectingClient>();

        (await client.WriteAsync(PreparedMessage.Text("hello")).InTime()).Should().Be(SendResult.Sent);
        await host.StopAsync().InTime();

        (await client.Completion.InTime()).Reason.Should().Be(StopReason.Closed);
    }

    [Fact]
    public async Task Host_ServerIsNotThere_StartsAllTheSame()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddReconnectingClient(new Uri("ws://127.0.0.1:1"));
        using var host = builder.Build();

        await host.StartAsync().InTime();
        await host.StopAsync().InTime();
    }

    [Fact]
    public async Task Named_Several_AreClientsOfTheirOwn()
    {
        await using var server = await TestServer.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddReconnectingClient("one", server.Address).AddReconnectingClient("two", server.Address);
        using var host = builder.Build();
        await host.StartAsync().InTime();

        var (one, two) = (host.Services.GetRequiredKeyedService<ReconnectingClient>("one"), host.Services.GetRequiredKeyedService<ReconnectingClient>("two"));
        await one.StartAsync().InTime();
        await two.StartAsync().InTime();

        one.Should().NotBeSameAs(two);
        await FakeNetwork.UntilAsync(() => server.Broadcaster.Manager.Clients.Count == 2);
        await host.StopAsync().InTime();
    }

    [Fact]
    public async Task Metrics_OfTheApplication_CountAttemptsConnectionsAndMessages()
    {
        await using var server = await TestServer.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMetrics();
        builder.Services.AddReconnectingClient(server.Address);
        using var host = builder.Build();
        var sums = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == ReconnectingMetrics.MeterName) l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            sums.AddOrUpdate($"{instrument.Name} {(tags.Length > 0 ? tags[0].Value : "")}".Trim(), value, (_, sum) => sum + value));
        listener.Start();
        await host.StartAsync().InTime();
        var client = host.Services.GetRequiredService<ReconnectingClient>();

        await client.WriteAsync(PreparedMessage.Text("hello")).InTime();

        sums.Should().Contain(new KeyValuePair<string, long>("wspumps.reconnecting.attempts connected", 1)).And.Contain(new KeyValuePair<string, long>("wspumps.reconnecting.connections", 1))
            .And.Contain(new KeyValuePair<string, long>("wspumps.reconnecting.messages sent", 1));
        await host.StopAsync().InTime();
        sums["wspumps.reconnecting.connections"].Should().Be(0);
    }

    [Fact]
    public async Task Metrics_ListenerThrows_ClientGoesOn()
    {
        await using var server = await TestServer.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMetrics();
        builder.Services.AddReconnectingClient(server.Address);
        using var host = builder.Build();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == ReconnectingMetrics.MeterName) l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("a listener's own fault"));
        listener.Start();
        await host.StartAsync().InTime();
        var client = host.Services.GetRequiredService<ReconnectingClient>();

        (await client.WriteAsync(PreparedMessage.Text("hello")).InTime()).Should().Be(SendResult.Sent);
        (await client.ReadAllAsync().TakeAsync(1)).Should().Equal("hello");

        await host.StopAsync().InTime();
        (await client.Completion.InTime()).Reason.Should().Be(StopReason.Closed);
    }
}

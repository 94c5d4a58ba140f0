using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace WsPumps.Redis.Tests;

/// <summary>Whole servers: Kestrel, sockets, and Redis between them.</summary>
public sealed class AddRedisTests : IAsyncLifetime
{
    private readonly List<WebApplication> _servers = [];
    private RedisServer _redis = null!;

    public async Task InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [RedisFact]
    public async Task Broadcast_FromOneServer_ReachesTheClientOfAnother()
    {
        var (one, two) = (await StartAsync(), await StartAsync());
        await UntilTogetherAsync(one, two);
        using var client = await ConnectAsync(two);

        one.Services.GetRequiredService<Broadcaster>().All.Write("hello").Published.Should().BeTrue();

        (await ReceiveAsync(client)).Should().Be("hello");
    }

    [RedisFact]
    public async Task Start_RedisIsNotThere_TheServerWorksAndItsHealthIsDegraded()
    {
        await _redis.StopAsync();
        var server = await StartAsync();
        using var client = await ConnectAsync(server);

        server.Services.GetRequiredService<Broadcaster>().All.Write("local");

        (await ReceiveAsync(client)).Should().Be("local");
        await Waiting.Until(() => server.Services.GetRequiredService<Cluster>().Status.Error is not null);
        var health = await server.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync().InTime();
        health.Status.Should().Be(HealthStatus.Degraded);
        health.Entries.Values.Single().Description.Should().Contain($"redis cannot be reached: no connection to {_redis.Address} (");
        await _redis.StartAgainAsync();
        await Waiting.UntilAsync(async () => (await server.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status is HealthStatus.Healthy);
    }

    [RedisFact]
    public async Task Start_RedisIsRequiredAndNotThere_Fails()
    {
        await _redis.StopAsync();

        var start = () => StartAsync(options => (options.RequireBackplane, options.ConnectTimeout) = (true, TimeSpan.FromMilliseconds(300)));

        (await start.Should().ThrowAsync<TimeoutException>()).WithMessage("*redis could not be reached*RequireBackplane*");
    }

    [RedisFact]
    public async Task Stop_OfAServer_TheOthersKnowWithinASecond()
    {
        var (one, two) = (await StartAsync(), await StartAsync());
        await UntilTogetherAsync(one, two);
        var left = new TaskCompletionSource<ClusterNodeEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        one.Services.GetRequiredService<Cluster>().NodeLeft += left.SetResult;

        await two.StopAsync().InTime();
        await two.DisposeAsync();

        (await left.Task.InTime()).Vanished.Should().BeFalse();
    }

    [RedisFact]
    public async Task Stop_WhileRedisIsBusy_TheOthersAreToldAllTheSame()
    {
        var (one, two) = (await StartAsync(), await StartAsync());
        await UntilTogetherAsync(one, two);
        var left = new TaskCompletionSource<ClusterNodeEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        one.Services.GetRequiredService<Cluster>().NodeLeft += left.SetResult;
        await _redis.RunAsync("CLIENT", "PAUSE", "500", "ALL");

        await two.StopAsync().InTime();
        await two.DisposeAsync();

        (await left.Task.InTime()).Vanished.Should().BeFalse();
    }

    [RedisFact]
    public async Task Session_ItsClientComesBackToAnotherServer_MovesThere()
    {
        var (one, two) = (await StartAsync(), await StartAsync());
        await UntilTogetherAsync(one, two);
        using (var first = await ResumeAsync(one, received: 0))
        {
            first.SubProtocol.Should().Be("wspumps.fresh");
            await first.SendAsync("one"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None);
            (await ReceiveAsync(first)).Should().Be("one");
            first.Abort();
        }

        var client = one.Services.GetRequiredService<Broadcaster>().All.Local.Single();
        two.Services.GetRequiredService<Broadcaster>().All.Write("meanwhile");
        using var second = await ResumeAsync(two, received: 1);

        second.SubProtocol.Should().StartWith("wspumps.resume.");
        (await ReceiveAsync(second)).Should().Be("meanwhile");
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.Moved);
        two.Services.GetRequiredService<Broadcaster>().All.Local.Single().Id.Should().Be(client.Id);
        await second.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).InTime();
    }

    private async Task<WebApplication> StartAsync(Action<ClusterOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddWebSocketPumps().AddRedis(redis => (redis.Configuration, redis.MaxBackoff) = (_redis.Address, TimeSpan.FromSeconds(1)), configure);
        builder.Services.AddHealthChecks().AddWebSocketPumps();
        var server = builder.Build();
        server.MapWebSocketPumps("/ws", (client, message, _) => default);
        server.MapWebSocketPumps("/session", endpoint =>
        {
            endpoint.Resume = new ResumeOptions { MoveTimeout = TimeSpan.FromSeconds(10) };
            endpoint.OnMessage(async (client, message, cancellationToken) => await client.WriteAsync(message, cancellationToken));
        });
        _servers.Add(server);
        await server.StartAsync().InTime();
        return server;
    }

    private static async Task UntilTogetherAsync(WebApplication one, WebApplication two)
    {
        var clusters = new[] { one.Services.GetRequiredService<Cluster>(), two.Services.GetRequiredService<Cluster>() };
        await Waiting.Until(() => clusters.All(cluster => cluster.Nodes.Count == 2));
    }

    private static async Task<ClientWebSocket> ConnectAsync(WebApplication server)
    {
        var client = new ClientWebSocket();
        await client.ConnectAsync(AddressOf(server, "/ws"), CancellationToken.None).InTime();
        await Waiting.Until(() => server.Services.GetRequiredService<Broadcaster>().All.Local.Count > 0);
        return client;
    }

    private static async Task<ClientWebSocket> ResumeAsync(WebApplication server, int received)
    {
        var client = new ClientWebSocket();
        client.Options.AddSubProtocol($"wspumps.resume.0f1e2d3c4b5a69788796a5b4c3d2e1f0.{received}");
        client.Options.AddSubProtocol("wspumps.fresh");
        await client.ConnectAsync(AddressOf(server, "/session"), CancellationToken.None).InTime();
        return client;
    }

    private static Uri AddressOf(WebApplication server, string path)
    {
        var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new Uri(address.Replace("http", "ws", StringComparison.Ordinal) + path);
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket client)
    {
        var buffer = new byte[1024];
        var received = await client.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).InTime();
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}

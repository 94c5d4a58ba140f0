using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Reconnecting.Tests.Network;
using WsPumps.Testing;

namespace WsPumps.Reconnecting.Tests;

/// <summary>A server of a cluster is replaced by another while its clients talk.</summary>
public sealed class DeployTests
{
    private const int Clients = 20;

    [Fact]
    public async Task Drain_ClientsComeBackToAnotherServer_AllResumeAndNothingIsLostOrDoubled()
    {
        var network = new TestBackplaneNetwork();
        var (received, balanced) = (new ConcurrentDictionary<string, ConcurrentQueue<string>>(), 0);
        await using var one = await StartAsync(network, received);
        await using var two = await StartAsync(network, received);
        await FakeNetwork.UntilAsync(() => new[] { one, two }.All(server => server.Services.GetRequiredService<Cluster>().Nodes.Count == 2));
        balanced = new Uri(one.Urls.Single()).Port;
        using var balancer = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, Volatile.Read(ref balanced), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        var resumed = new ConcurrentQueue<bool>();
        var clients = new List<ReconnectingClient>();
        for (var i = 0; i < Clients; i++)
        {
            var client = new ReconnectingClient(new Uri("ws://balanced.example/session"), new ReconnectingClientOptions
            {
                Resume = true,
                FirstDelay = TimeSpan.FromMilliseconds(20),
                HttpMessageInvoker = balancer,
                Connected = context =>
                {
                    if (context.IsReconnect)
                        resumed.Enqueue(context.IsResumed);
                    return default;
                },
            });
            clients.Add(client);
            await client.StartAsync().InTime();
        }

        await FakeNetwork.UntilAsync(() => one.Services.GetRequiredService<Broadcaster>().All.Local.Count == Clients);
        var ids = one.Services.GetRequiredService<Broadcaster>().All.Local.Select(client => client.Id).ToList();
        var reading = clients.Select(client => client.ReadAllAsync().TakeAsync(100)).ToList();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                two.Services.GetRequiredService<Broadcaster>().All.Write($"{i}");
                foreach (var client in clients)
                    (await client.WriteAsync(PreparedMessage.Text($"c{i}"))).Should().Be(SendResult.Sent);
            }
        });

        Volatile.Write(ref balanced, new Uri(two.Urls.Single()).Port);
        var result = await one.Services.GetRequiredService<WebSocketPumpsNode>()
            .DrainAsync(new DrainOptions { Timeout = 2 * Limit.Time, ReconnectWithin = TimeSpan.FromMilliseconds(200) }).InTime();

        result.Aborted.Should().Be(0);
        await writing.InTime();
        foreach (var texts in await Task.WhenAll(reading).InTime())
            texts.Should().Equal(Enumerable.Range(0, 100).Select(i => $"{i}"));
        resumed.Should().HaveCount(Clients).And.OnlyContain(isResumed => isResumed);
        foreach (var id in ids)
        {
            await FakeNetwork.UntilAsync(() => received[id].Count >= 100);
            received[id].Should().Equal(Enumerable.Range(0, 100).Select(i => $"c{i}"));
        }

        foreach (var client in clients)
            await client.DisposeAsync();
    }

    private static async Task<WebApplication> StartAsync(TestBackplaneNetwork network, ConcurrentDictionary<string, ConcurrentQueue<string>> received)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting().AddWebSocketPumps().AddBackplane(_ => network.Add());
        var app = builder.Build();
        app.MapWebSocketPumps("/session", endpoint =>
        {
            endpoint.Resume = new ResumeOptions { MoveTimeout = TimeSpan.FromSeconds(10) };
            endpoint.OnMessage((client, message, _) => received.GetOrAdd(client.Id, _ => new()).Enqueue(message.GetText()));
        });
        await app.StartAsync();
        return app;
    }
}

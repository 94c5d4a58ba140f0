using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Testing;

namespace WsPumps.Tests.Sessions;

/// <summary>Several servers of one application on real Kestrels, with a cluster in memory, and peers that resume on any of them.</summary>
internal sealed class PumpsCluster : IAsyncDisposable
{
    /// <summary>What goes over the engine, by the byte that says so.</summary>
    public const byte Marker = 10;
    public const byte Wanted = 50;
    public const byte Offered = 51;
    public const byte Taken = 52;
    public const byte Given = 53;

    private readonly List<TestBackplane> _engines = [];

    private PumpsCluster()
    {
    }

    public List<PumpsHost> Hosts { get; } = [];

    public IReadOnlyList<TestBackplane> Engines => _engines;

    public PumpsHost this[int index] => Hosts[index];

    public static async Task<PumpsCluster> StartAsync(int servers, Action<WebSocketPumpsEndpointBuilder>? configure = null,
        Action<Microsoft.AspNetCore.Builder.WebApplicationBuilder>? build = null, bool echoes = true, Func<IBackplane, IBackplane>? around = null)
    {
        var network = new TestBackplaneNetwork();
        var cluster = new PumpsCluster();
        for (var i = 0; i < servers; i++)
        {
            var engine = network.Add();
            cluster._engines.Add(engine);
            cluster.Hosts.Add(await PumpsHost.StartAsync(
                endpoint =>
                {
                    // A machine that is busy must not make a move fail.
                    endpoint.Resume = new ResumeOptions { MoveTimeout = TimeSpan.FromSeconds(10) };
                    if (echoes)
                        Echo.Endpoint(endpoint);
                    configure?.Invoke(endpoint);
                },
                builder =>
                {
                    PumpsHost.RealTime(builder);
                    builder.Services.AddWebSocketPumps().AddBackplane(_ => around?.Invoke(engine) ?? engine, options => options.NodeName = $"server {cluster._engines.Count}");
                    build?.Invoke(builder);
                }));
        }

        foreach (var host in cluster.Hosts)
            await UntilAsync(() => host.Services.GetRequiredService<Cluster>().Nodes.Count == servers);
        return cluster;
    }

    /// <summary>How many clients all servers know.</summary>
    public int Clients => Hosts.Sum(host => host.Broadcaster.Manager.Clients.Count);

    public Broadcaster Broadcaster(int index) => Hosts[index].Broadcaster;

    /// <summary>Loses what one server should get of some kind; the first such envelope completes the task.</summary>
    public Task LoseFirst(int index, byte kind)
    {
        var lost = new TaskCompletionSource();
        _engines[index].Loses = (_, data) => data.Span[3] == kind && lost.TrySetResult();
        return lost.Task;
    }

    /// <summary>Counts what one server gets of some kind.</summary>
    public Func<int> Count(int index, byte kind)
    {
        var count = 0;
        _engines[index].Loses = (_, data) =>
        {
            if (data.Span[3] == kind)
                Interlocked.Increment(ref count);
            return false;
        };
        return () => Volatile.Read(ref count);
    }

    /// <summary>Offers a session to one of the servers.</summary>
    public Task<ClientWebSocket> ConnectAsync(int index, string secret, int received, params string[] others) => Hosts[index].ConnectAsync(
        configure: options =>
        {
            options.CollectHttpResponseDetails = true;
            options.AddSubProtocol($"wspumps.resume.{secret}.{received}");
            foreach (var other in others is [] ? ["wspumps.fresh"] : others)
                options.AddSubProtocol(other);
        });

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition())
            await Task.Delay(5, limit.Token);
    }

    public static string? Header(ClientWebSocket peer, string name) =>
        peer.HttpResponseHeaders!.TryGetValue(name, out var values) ? values.Single() : null;

    public async ValueTask DisposeAsync()
    {
        // A server that stops keeps sessions as long as there is another one that could take them.
        foreach (var engine in _engines)
            engine.Disconnect();
        foreach (var host in Hosts)
            await host.DisposeAsync();
    }
}

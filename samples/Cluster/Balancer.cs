using System.Globalization;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace ClusterSample;

/// <summary>Starts everything, and stands in front of it. Clients go round the servers; one that is gone gets none. No sticky sessions.</summary>
internal static class Balancer
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        using var redis = Redis(ChildProcess.FreePort());
        redis.Start();
        var servers = Enumerable.Range(1, 3).Select(number => Server($"server-{number}", ChildProcess.FreePort(), redis.Port)).ToList();
        builder.Services.AddReverseProxy().LoadFromMemory([Route("/ws"), Route("/state")], [ClusterOf(servers)]);
        foreach (var server in servers)
            server.Start();

        var app = builder.Build();
        app.UseFileServer();
        app.MapReverseProxy();
        app.MapGet("/machinery", () => servers.Append(redis).Select(child => new { name = child.Name, port = child.Port, isRunning = child.IsRunning }));
        app.MapPost("/machinery/{name}/{action}", (string name, string action) =>
        {
            if (servers.Append(redis).FirstOrDefault(child => child.Name == name) is not { } child)
                return Results.NotFound();

            if (action is "kill")
                child.Kill();
            else
                child.Start();
            return Results.NoContent();
        });

        try
        {
            await app.RunAsync();
        }
        finally
        {
            foreach (var server in servers)
                server.Dispose();
        }
    }

    /// <summary>Redis does not look at its input. The shell around it does: when the balancer ends, however that came about, Redis ends.</summary>
    private static ChildProcess Redis(int port) => new("redis", port, "sh", "-c", "redis-server \"$@\" < /dev/null & cat > /dev/null; kill -9 $!", "redis",
        "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning");

    private static ChildProcess Server(string name, int port, int redis) =>
        new(name, port, Environment.ProcessPath!, [.. OwnAssembly(), $"--name={name}", $"--redis=127.0.0.1:{redis}", $"--urls=http://127.0.0.1:{port}",
            "--Logging:LogLevel:Microsoft=Warning"]);

    /// <summary>Under the <c>dotnet</c> host the program is named by its assembly.</summary>
    private static string[] OwnAssembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet" ? [typeof(Balancer).Assembly.Location] : [];

    private static RouteConfig Route(string path) => new() { RouteId = path, ClusterId = "servers", Match = new RouteMatch { Path = path } };

    private static ClusterConfig ClusterOf(List<ChildProcess> servers) => new()
    {
        ClusterId = "servers",
        LoadBalancingPolicy = LoadBalancingPolicies.RoundRobin,
        Destinations = servers.ToDictionary(server => server.Name, server => new DestinationConfig { Address = $"http://127.0.0.1:{server.Port}" }),
        HealthCheck = new HealthCheckConfig
        {
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true,
                Interval = TimeSpan.FromSeconds(1),
                Timeout = TimeSpan.FromSeconds(1),
                Path = "/state",
                Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            },
        },
        Metadata = new Dictionary<string, string> { ["ConsecutiveFailuresHealthPolicy.Threshold"] = "1" },
    };
}

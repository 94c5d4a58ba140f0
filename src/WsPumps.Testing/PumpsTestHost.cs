using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WsPumps.Testing.Hosting;
using WsPumps.Testing.Links;

namespace WsPumps.Testing;

/// <summary>
/// An ASP.NET Core application whose WebSocket endpoints are reached over in-memory connections: the real server with real frames, pings,
/// closes and backpressure, without a port, and with a clock that the test moves.
/// </summary>
/// <remarks>Hosts are independent of each other: tests may run in parallel, each with its own.</remarks>
public sealed partial class PumpsTestHost : IAsyncDisposable
{
    private readonly LinkTransport _transport = new();
    private readonly LinkPipeline _pipeline = new();
    private readonly PeerConnector _connector;
    private WebApplication? _app;
    private IServiceProvider? _services;

    /// <summary>
    /// Creates a host for an application that is started elsewhere, for example by <c>WebApplicationFactory</c>: see
    /// <see cref="AddTo(IWebHostBuilder)"/>.
    /// </summary>
    /// <param name="time">The clock; null for a new one.</param>
    public PumpsTestHost(VirtualTime? time = null)
    {
        Time = time ?? new VirtualTime();
        _connector = new PeerConnector(Time, _transport, Logs);
    }

    /// <summary>The clock of the application.</summary>
    public VirtualTime Time { get; }

    /// <summary>What the application logs.</summary>
    public LogRecorder Logs { get; } = new();

    /// <summary>The services of the application.</summary>
    /// <exception cref="InvalidOperationException">It has not been started.</exception>
    public IServiceProvider Services => _services ?? throw new InvalidOperationException("The application has not been started.");

    /// <summary>The application's broadcaster.</summary>
    public Broadcaster Broadcaster => Services.GetRequiredService<Broadcaster>();

    /// <summary>Starts an application with one endpoint, at <c>/</c>.</summary>
    /// <param name="configure">Sets up the endpoint.</param>
    /// <param name="build">Sets up the application.</param>
    /// <param name="time">The clock, which several hosts may share; null for a new one.</param>
    public static Task<PumpsTestHost> StartEndpointAsync(Action<WebSocketPumpsEndpointBuilder> configure,
        Action<WebApplicationBuilder>? build = null, VirtualTime? time = null) =>
        StartAsync(app => app.MapWebSocketPumps("/", configure), build, time);

    /// <summary>Starts an application.</summary>
    /// <param name="map">Maps the endpoints, with all middleware that they need.</param>
    /// <param name="build">
    /// Sets up the application. <c>AddWebSocketPumps</c> and routing have already been added; both may be called again.
    /// </param>
    /// <param name="time">The clock, which several hosts may share; null for a new one.</param>
    public static async Task<PumpsTestHost> StartAsync(Action<WebApplication> map, Action<WebApplicationBuilder>? build = null,
        VirtualTime? time = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        var host = new PumpsTestHost(time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => LinkKestrel.Listen(kestrel, host._transport, host.Time.Work));
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(host.Logs.Provider);
        builder.Services.AddRouting().AddWebSocketPumps();
        // In real time: a stop that takes this long hangs.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(2));
        build?.Invoke(builder);
        host.AddCommonTo(builder.Services);
        // Kestrel asks the last one first whether it can listen there.
        builder.Services.AddSingleton<Microsoft.AspNetCore.Connections.IConnectionListenerFactory>(host._transport);

        var app = builder.Build();
        (host._app, host._services) = (app, app.Services);
        try
        {
            map(app);
            await app.StartAsync().ConfigureAwait(false);
            return host;
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Makes the endpoints of an application reachable that is set up elsewhere:
    /// <c>new WebApplicationFactory&lt;Program&gt;().WithWebHostBuilder(host.AddTo)</c>. Its own server, real or a <c>TestServer</c>, stays
    /// as it is.
    /// </summary>
    /// <remarks>
    /// The application gets <see cref="Time"/> as its <see cref="TimeProvider"/>. Dispose it before this host, or make sure that nothing is
    /// connected by then.
    /// </remarks>
    public void AddTo(IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureServices(services =>
        {
            services.AddLogging(logging => logging.AddProvider(Logs.Provider));
            AddCommonTo(services);
            services.AddSingleton<IHostedService>(provider =>
            {
                _services = provider;
                return new LinkKestrel(_transport, _pipeline, _connector, Time, provider);
            });
        });
    }

    private void AddCommonTo(IServiceCollection services)
    {
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter>(_pipeline));
        services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Time));
    }
}

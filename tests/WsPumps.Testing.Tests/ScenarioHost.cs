using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Testing.Tests;

/// <summary>One application, reached over a link and over a port.</summary>
internal sealed class ScenarioHost : IAsyncDisposable
{
    private readonly PumpsTestHost _links = new();
    private readonly WebApplication _app;
    private readonly Channel<IClient> _registered = Channel.CreateUnbounded<IClient>();

    private ScenarioHost(Action<WebSocketPumpsEndpointBuilder> configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // Small buffers, so that a peer who does not read is felt as early as over a link.
        builder.WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.Limits.MaxResponseBufferSize = 16 * 1024;
                kestrel.Listen(IPAddress.Loopback, 0);
            })
            .UseSockets(sockets => sockets.CreateBoundListenSocket = endpoint =>
            {
                var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                socket.SendBufferSize = 8 * 1024;
                return socket;
            });
        builder.Services.AddRouting().AddWebSocketPumps();
        _links.AddTo(builder.WebHost);
        _app = builder.Build();
        _app.MapWebSocketPumps("/", endpoint =>
        {
            configure(endpoint);
            endpoint.Register(context =>
            {
                _registered.Writer.TryWrite(context.Client);
                return default;
            });
        });
    }

    public VirtualTime Time => _links.Time;

    public WebSocketPumpsNode Node => _app.Services.GetRequiredService<WebSocketPumpsNode>();

    public static async Task<ScenarioHost> StartAsync(Action<WebSocketPumpsEndpointBuilder> configure)
    {
        var host = new ScenarioHost(configure);
        await host._app.StartAsync().InTime();
        return host;
    }

    public Task<TestPeer> ConnectAsync(bool overSocket) => overSocket
        ? SocketPeers.ConnectAsync(new Uri(_app.Urls.First(url => url.Contains("127.0.0.1", StringComparison.Ordinal))), Time, () => _registered.Reader.ReadAsync().AsTask()).InTime()
        : _links.ConnectAsync().InTime();

    public async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync();
        foreach (var client in _app.Services.GetRequiredService<IManager>().Clients)
            client.Abort();
        await Time.AdvanceUntilAsync(_app.StopAsync(), TimeSpan.FromMinutes(5)).InTime();
        await _app.DisposeAsync();
    }
}

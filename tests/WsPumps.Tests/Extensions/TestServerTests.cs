using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Extensions;

/// <summary>The wiring under the framework's server for tests, which has sockets of its own kind.</summary>
public sealed class TestServerTests : IAsyncLifetime
{
    private readonly ConnectionLog _callbacks = new();
    private readonly WebApplication _app;

    public TestServerTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddRouting().AddWebSocketPumps();
        _app = builder.Build();
        _app.UseWebSocketPumps("/use", Echo.Handler);
        _app.Map("/run", (HttpContext http) => http.RunWebSocketPumpsAsync(Echo.Handler));
        _app.MapWebSocketPumps("/map", endpoint =>
        {
            Echo.Endpoint(endpoint);
            _callbacks.Watch(endpoint);
        });
    }

    public Task InitializeAsync() => _app.StartAsync().InTime();

    public async Task DisposeAsync() => await _app.DisposeAsync().InTime();

    [Theory]
    [InlineData("/map", WebSocketMessageType.Text, "hello")]
    [InlineData("/map", WebSocketMessageType.Text, "")]
    [InlineData("/map", WebSocketMessageType.Binary, "hello")]
    [InlineData("/map", WebSocketMessageType.Binary, "")]
    [InlineData("/use", WebSocketMessageType.Text, "hello")]
    [InlineData("/run", WebSocketMessageType.Text, "hello")]
    public async Task Message_AnyTypeAndForm_IsEchoed(string path, WebSocketMessageType type, string payload)
    {
        using var peer = await ConnectAsync(path);
        var sent = System.Text.Encoding.UTF8.GetBytes(payload);
        await peer.SendAsync(sent, type, true, CancellationToken.None).InTime();

        var received = await peer.ReceiveAsync();

        received.Type.Should().Be(type);
        received.Payload.Should().Equal(sent);
    }

    [Fact]
    public async Task Close_ByThePeer_IsAnsweredAndUnregistered()
    {
        using var peer = await ConnectAsync("/map");
        var client = await _callbacks.NextRegisteredAsync();

        await peer.CloseOutputAsync((WebSocketCloseStatus)4001, "bye", CancellationToken.None).InTime();

        (await peer.ReceiveEndAsync()).Should().Be((WebSocketCloseStatus)4001);
        (await _callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.PeerClosed);
    }

    [Fact]
    public async Task Close_ByTheServer_ReachesThePeer()
    {
        using var peer = await ConnectAsync("/map");
        var client = await _callbacks.NextRegisteredAsync();

        await client.CloseAsync((WebSocketCloseStatus)4002, "enough").InTime();

        (await peer.ReceiveEndAsync()).Should().Be((WebSocketCloseStatus)4002);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        (await _callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
    }

    [Fact]
    public async Task Peer_Vanishes_IsUnregistered()
    {
        using var peer = await ConnectAsync("/map");
        var client = await _callbacks.NextRegisteredAsync();

        peer.Abort();

        (await _callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.ConnectionLost);
    }

    [Fact]
    public async Task Abort_ByTheServer_Unregisters()
    {
        using var peer = await ConnectAsync("/map");
        var client = await _callbacks.NextRegisteredAsync();

        client.Abort();

        (await _callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
    }

    [Fact]
    public async Task Stop_PeerThatDoesNotAnswer_IsNotWaitedForAsOneOverANetwork()
    {
        using var peer = await ConnectAsync("/map");
        await _callbacks.NextRegisteredAsync();
        var began = System.Diagnostics.Stopwatch.StartNew();

        await _app.StopAsync().InTime();

        began.Elapsed.Should().BeLessThan(new WebSocketPumpsOptions().CloseTimeout);
        await _callbacks.NextUnregisteredAsync();
    }

    [Fact]
    public async Task Request_ForNoWebSocket_Answers400()
    {
        using var http = _app.GetTestClient();

        using var answer = await http.GetAsync(new Uri("/map", UriKind.Relative)).InTime();

        ((int)answer.StatusCode).Should().Be(StatusCodes.Status400BadRequest);
    }

    private Task<WebSocket> ConnectAsync(string path) =>
        _app.GetTestServer().CreateWebSocketClient().ConnectAsync(new Uri(_app.GetTestServer().BaseAddress, path), CancellationToken.None).InTime();
}

using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests;

public sealed class RoundTripTests
{
    [Fact]
    public async Task Connection_EchoedAndClosed_IsRegisteredAndUnregisteredAsTheSameClient()
    {
        IClient? echoing = null;
        var registered = Channel.CreateUnbounded<IClient>();
        var unregistered = Channel.CreateUnbounded<IClient>();
        var manager = new Manager();
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/ws", endpoint =>
        {
            endpoint.Manager = manager;
            endpoint.Options.PingInterval = TimeSpan.FromSeconds(50);
            endpoint.Register(async context =>
            {
                echoing = context.Client;
                manager.Register(context.Client);
                await registered.Writer.WriteAsync(context.Client, context.CancellationToken);
            });
            endpoint.Unregister(async context =>
            {
                manager.Unregister(context.Client);
                await unregistered.Writer.WriteAsync(context.Client);
            });
            endpoint.OnMessage(async (_, message, cancellationToken) => await echoing!.WriteAsync(message, cancellationToken));
        }));

        var peer = await host.ConnectAsync("/ws");
        var client = await registered.Reader.ReadAsync().InTime();
        manager.Clients.Should().ContainSingle().Which.Should().BeSameAs(client);

        await peer.SendTextAsync("testing");
        var (type, payload) = await peer.ReceiveAsync();
        type.Should().Be(WebSocketMessageType.Text);
        payload.Should().Equal(Encoding.UTF8.GetBytes("testing"));

        await peer.CloseAsync();
        (await unregistered.Reader.ReadAsync().InTime()).Should().BeSameAs(client);
        manager.Clients.Should().BeEmpty();
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.PeerClosed);
    }
}

using System.Net.WebSockets;

namespace WsPumps.Testing.Tests;

public sealed class ClientTestHostTests
{
    [Fact]
    public async Task Client_WithoutAServer_EchoesAndIsRegistered()
    {
        var manager = new Manager();
        await using var host = new ClientTestHost(null, manager, static async (client, message, cancellationToken) => await client.WriteAsync(message, cancellationToken));
        await using var peer = await host.ConnectAsync().InTime();

        await peer.SendAsync("text");
        await peer.ExpectAsync("text").InTime();
        manager.Clients.Should().ContainSingle().Which.Should().BeSameAs(peer.Client);
        (await peer.CloseAsync(4000, "bye").InTime()).CloseStatus.Should().Be(4000);
        await host.Time.SettleAsync().InTime();
        manager.Clients.Should().BeEmpty();
    }

    [Fact]
    public async Task Close_OfTheServer_ReachesThePeer()
    {
        await using var host = new ClientTestHost();
        await using var peer = await host.ConnectAsync().InTime();

        await peer.Client.CloseAsync(WebSocketCloseStatus.PolicyViolation, "rules").InTime();

        (await peer.ExpectCloseAsync(1008).InTime()).CloseReason.Should().Be("rules");
        (await peer.ExpectRecordAsync().InTime()).Reason.Should().Be(DisconnectReason.LocalClosed);
    }
}

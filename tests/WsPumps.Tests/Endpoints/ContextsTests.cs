using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using WsPumps.Tests.CustomTypes;

namespace WsPumps.Tests.Endpoints;

/// <summary>What callbacks receive can be made in a test of the application's own.</summary>
public sealed class ContextsTests
{
    private readonly DefaultHttpContext _http = new();

    [Fact]
    public async Task Setup_InATest_TellsWhatTheCallbackDid()
    {
        var setup = new ConnectionSetup(_http) { SubProtocol = "v1" };

        await RefuseWithoutKeyAsync(setup);

        setup.RefusedWith.Should().Be(401);
        setup.RefusalMessage.Should().Be("A key is needed.");
        setup.SubProtocol.Should().Be("v1");
        setup.AuthenticationExpiresAt.Should().BeNull();
    }

    [Fact]
    public void Factory_InATest_MakesAClientOnce()
    {
        using var socket = WebSocket.CreateFromStream(new MemoryStream(), new WebSocketCreationOptions { IsServer = true });
        var context = new ClientFactoryContext(_http, socket, new ClientOptions { MaxQueuedMessages = 3 });

        var client = new WrappingClient(context.CreateClient());

        client.Completion.IsCompleted.Should().BeFalse();
        context.Invoking(connection => connection.CreateClient()).Should().Throw<InvalidOperationException>().WithMessage("*has a client already*");
        context.RefreshAuthentication(null);
    }

    [Fact]
    public void Others_InATest_CarryWhatTheyWereGiven()
    {
        using var socket = WebSocket.CreateFromStream(new MemoryStream(), new WebSocketCreationOptions { IsServer = true });
        var client = new Client(socket);
        var record = new DisconnectRecord { Reason = DisconnectReason.PeerClosed };

        new RegisterContext(client, _http).Client.Should().BeSameAs(client);
        new UnregisterContext(client, _http, record).Record.Should().BeSameAs(record);
        new AuthenticationExpiringContext(client, _http, DateTimeOffset.UnixEpoch).ExpiresAt.Should().Be(DateTimeOffset.UnixEpoch);
        FluentActions.Invoking(() => new RegisterContext(null!, _http)).Should().Throw<ArgumentNullException>();
    }

    private static ValueTask RefuseWithoutKeyAsync(ConnectionSetup setup)
    {
        if (setup.Token is null)
            setup.Refuse(StatusCodes.Status401Unauthorized, "A key is needed.");
        return default;
    }
}

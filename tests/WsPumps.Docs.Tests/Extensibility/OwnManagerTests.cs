using Microsoft.Extensions.DependencyInjection;
using WsPumps.Testing;

namespace WsPumps.Docs.Tests.Extensibility;

/// <summary>A manager and a client as users write them, with the public API alone.</summary>
public sealed class OwnManagerTests
{
    [Fact]
    public async Task Endpoint_WithAnOwnManagerAndClient_UsesBoth()
    {
        var manager = new CountingManager(new Manager());
        await using var host = await PumpsTestHost.StartEndpointAsync(
            endpoint =>
            {
                endpoint.Factory(context => new ShoutingClient(context.CreateClient()));
                endpoint.OnMessage((client, message, token) => client.WriteAsync(message.GetText(), token));
            },
            builder => builder.Services.AddSingleton<IManager>(manager));
        await using var peer = await host.ConnectAsync();

        await peer.SendAsync("hello");

        await peer.ExpectAsync("HELLO");
        manager.Registered.Should().Be(1);
    }

    private sealed class CountingManager(IManager inner) : IManager
    {
        public int Registered { get; private set; }

        public IReadOnlyCollection<IClient> Clients => inner.Clients;

        public void Register(IClient client)
        {
            Registered++;
            inner.Register(client);
        }

        public void Unregister(IClient client) => inner.Unregister(client);

        public Task RunAsync(CancellationToken cancellationToken) => inner.RunAsync(cancellationToken);
    }

    private sealed class ShoutingClient(IClient inner) : DelegatingClient(inner)
    {
        public override ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default) =>
            base.WriteAsync(System.Text.Encoding.UTF8.GetString(message.Payload.Span).ToUpperInvariant(), cancellationToken);
    }
}

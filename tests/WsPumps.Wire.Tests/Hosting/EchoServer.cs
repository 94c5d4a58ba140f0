using WsPumps.Wire.Tests.Clients;

namespace WsPumps.Wire.Tests.Hosting;

/// <summary>One echo for all tests of a class, with room for the largest message that they send.</summary>
public sealed class EchoServer : IAsyncLifetime
{
    public const int MaxMessageSize = 16 * 1024 * 1024;

    private WireServer? _server;

    public async Task InitializeAsync() => _server = await WireServer.StartEchoAsync(endpoint => endpoint.Options.MaxMessageSize = MaxMessageSize);

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    internal Task<(RawWebSocketClient Peer, IClient Client)> OpenAsync(Carrier carrier) => _server!.OpenAsync(carrier);

    internal async Task<RawWebSocketClient> ConnectAsync(Carrier carrier) => (await OpenAsync(carrier)).Peer;
}

using System.Net.WebSockets;

namespace WsPumps.Wire.Tests.Streams;

/// <summary>A client over a connection in memory, with its pumps at work.</summary>
internal sealed class GatedClient : IAsyncDisposable
{
    private readonly Task _pumps;

    public GatedClient(RecordingStream stream, ClientOptions options, TimeProvider time, params IReadOnlyList<MessageHandler> handlers)
    {
        Gate = new FrameGate(stream, stream.Break);
        WebSocket = WebSocket.CreateFromStream(Gate, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        Client = new Client(WebSocket, new ClientSettings { Options = options, TimeProvider = time, Gate = Gate });
        _pumps = Task.WhenAll(
            Client.WritePumpAsync(_ => { }, options.PingInterval, CancellationToken.None),
            Client.ReadPumpAsync(_ => { }, handlers, CancellationToken.None));
    }

    public FrameGate Gate { get; }

    public WebSocket WebSocket { get; }

    public Client Client { get; }

    public async ValueTask DisposeAsync()
    {
        Client.Abort();
        await _pumps.InTime();
        WebSocket.Dispose();
    }
}

using System.Collections.Concurrent;
using System.Net.WebSockets;
using WsPumps.Testing.Frames;
using WsPumps.Testing.Links;
using WsPumps.Testing.Peers;

namespace WsPumps.Testing;

/// <summary>
/// Clients over in-memory connections without ASP.NET Core, to test a <see cref="Client"/>, a client of your own, or a manager by itself.
/// </summary>
/// <remarks>There is no handshake. Each connection is registered, pumped, and unregistered as an endpoint does.</remarks>
public sealed class ClientTestHost : IAsyncDisposable
{
    private readonly Func<WebSocket, VirtualTime, IClient> _create;
    private readonly IManager? _manager;
    private readonly IReadOnlyList<MessageHandler> _handlers;
    private readonly ConcurrentQueue<(TestPeer Peer, Task Serving)> _connections = new();
    private int _count;

    /// <param name="create">Makes the client of a connection; give it the clock. Null: a <see cref="Client"/> with default options.</param>
    /// <param name="manager">Where clients are registered; null for nowhere.</param>
    /// <param name="handlers">Called for each message.</param>
    public ClientTestHost(Func<WebSocket, VirtualTime, IClient>? create = null, IManager? manager = null,
        params IReadOnlyList<MessageHandler> handlers)
    {
        ArgumentNullException.ThrowIfNull(handlers);
        (_create, _manager, _handlers) =
            (create ?? (static (webSocket, time) => new Client(webSocket, new ClientSettings { TimeProvider = time })), manager, handlers);
    }

    /// <summary>The clock.</summary>
    public VirtualTime Time { get; } = new();

    /// <summary>The time between two pings.</summary>
    /// <value>Default: 25 seconds.</value>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Connects a peer, and returns when everything is at rest.</summary>
    /// <param name="options">What concerns the handshake has no effect here.</param>
    public async Task<TestPeer> ConnectAsync(PeerOptions? options = null)
    {
        options ??= new PeerOptions();
        var name = $"peer {Interlocked.Increment(ref _count)}";
        var link = new TestLink(Time, options.Window);
        options.Faults?.ApplyTo(link.ToServer.Faults, link.ToPeer.Faults);
        var gone = new CancellationTokenSource();
        _ = link.RunAsync(() => Time.Work.Queue(gone.Cancel));
        var webSocket = new StreamWebSocket(
            new LinkStream(link),
            new StreamWebSocketOptions
            {
                Abort = link.Reset,
                NeedsFlush = false,
                SubProtocol = options.SubProtocols is [var first, ..] ? first : null,
                TimeProvider = Time,
            });
        var client = _create(webSocket, Time);
        var peer = new TestPeer(link, Time, options, name, webSocket.SubProtocol,
            new PeerInbox(Time, name, options.Faults?.ToString(), options.RealTimeLimit), () => client);
        _ = peer.ReceiveAsync(new ByteSource(link.ToPeer.Reader.AsStream()));
        _connections.Enqueue((peer, ServeAsync(link, webSocket, client, gone.Token)));
        await Time.SettleAsync().ConfigureAwait(false);
        return peer;
    }

    /// <summary>Resets all connections that are still open, and waits until they have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (peer, _) in _connections)
            await peer.DisposeAsync().ConfigureAwait(false);
        await Time.AdvanceUntilAsync(Task.WhenAll(_connections.Select(connection => connection.Serving)), TimeSpan.FromMinutes(5))
            .ConfigureAwait(false);
    }

    private async Task ServeAsync(TestLink link, StreamWebSocket webSocket, IClient client, CancellationToken gone)
    {
        link.Flow.Enter();
        try
        {
            _manager?.Register(client);
            await Task.WhenAll(
                client.WritePumpAsync(static _ => { }, PingInterval, gone),
                client.ReadPumpAsync(static _ => { }, _handlers, gone)).ConfigureAwait(false);
        }
        finally
        {
            _manager?.Unregister(client);
            await webSocket.DisposeAsync().ConfigureAwait(false);
        }
    }
}

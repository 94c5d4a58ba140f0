using Microsoft.Extensions.Logging;

namespace WsPumps.Wire.Tests.Streams;

/// <summary>A client over a connection in memory, with its pumps at work.</summary>
internal sealed class StreamClient : IAsyncDisposable
{
    private readonly Task _pumps;

    public StreamClient(RecordingStream stream, ClientOptions options, TimeProvider time, params IReadOnlyList<MessageHandler> handlers)
        : this(stream, options, time, needsFlush: true, handlers)
    {
    }

    public StreamClient(RecordingStream stream, ClientOptions options, TimeProvider time, ILogger logger)
        : this(stream, options, time, needsFlush: true, [], logger)
    {
    }

    /// <param name="stream">The connection.</param>
    /// <param name="options">The client's.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="needsFlush">False for a stream like the server's, on which the thread that reads may write.</param>
    /// <param name="handlers">What is called for each message.</param>
    /// <param name="logger">Told of what fails; null for nobody.</param>
    public StreamClient(RecordingStream stream, ClientOptions options, TimeProvider time, bool needsFlush, IReadOnlyList<MessageHandler> handlers, ILogger? logger = null)
    {
        WebSocket = new StreamWebSocket(stream, new StreamWebSocketOptions { Abort = stream.Break, NeedsFlush = needsFlush });
        Client = new Client(WebSocket, new ClientSettings { Options = options, TimeProvider = time, Logger = logger });
        _pumps = Task.WhenAll(
            Client.WritePumpAsync(_ => { }, options.PingInterval, CancellationToken.None),
            Client.ReadPumpAsync(_ => { }, handlers, CancellationToken.None));
    }

    public StreamWebSocket WebSocket { get; }

    public Client Client { get; }

    public async ValueTask DisposeAsync()
    {
        Client.Abort();
        await _pumps.InTime();
        WebSocket.Dispose();
    }
}

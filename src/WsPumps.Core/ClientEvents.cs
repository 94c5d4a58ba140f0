namespace WsPumps;

/// <summary>The events of a connection while it is open. Get it from <see cref="IClient.Events"/>.</summary>
/// <remarks>
/// No lock is held while a subscriber is called. Unless stated otherwise, subscribers are called on the thread that wrote or read, so they
/// must return quickly. An exception of a subscriber is logged and has no other effect. Subscribing is safe from any thread and any
/// callback.
/// </remarks>
public sealed class ClientEvents
{
    internal ClientEvents()
    {
    }

    /// <summary>A message was dropped. Raised on the thread that wrote the newer message, or on the one that writes to the peer.</summary>
    public event Action<MessageDroppedEvent>? MessageDropped;

    /// <summary>
    /// The queue has filled to its high watermark (<see cref="ClientOptions.HighWatermark"/>). Raised once, and again only after it has
    /// fallen to the low one.
    /// </summary>
    public event Action<WatermarkEvent>? HighWatermarkReached;

    /// <summary>
    /// The queue, which had reached its high watermark, has fallen to its low one (<see cref="ClientOptions.LowWatermark"/>).
    /// </summary>
    public event Action<WatermarkEvent>? LowWatermarkReached;

    /// <summary>The peer sent a ping. It is answered without any action of the application.</summary>
    /// <remarks>
    /// Neither this event nor <see cref="PongReceived"/> is raised for a client over a <see cref="System.Net.WebSockets.WebSocket"/> that
    /// answers pings by itself.
    /// </remarks>
    public event Action<PingReceivedEvent>? PingReceived;

    /// <summary>The peer answered our ping.</summary>
    public event Action<PongReceivedEvent>? PongReceived;

    /// <summary>The connection was lost, and the client waits for its peer to come back: see <see cref="ClientSettings.Resume"/>.</summary>
    public event Action<AwayEvent>? Away;

    /// <summary>The peer has come back and has been sent the messages that it had not received.</summary>
    public event Action<ResumedEvent>? Resumed;

    /// <summary>
    /// The authentication will expire in <see cref="ClientOptions.AuthenticationNotice"/>: time to ask the peer for a fresh proof. Raised
    /// once for each expiry time, on the thread pool; subscribers are awaited one after the other.
    /// </summary>
    public event Func<AuthenticationExpiringEvent, ValueTask>? AuthenticationExpiring;

    internal Action<MessageDroppedEvent>? OnMessageDropped => MessageDropped;

    internal Action<WatermarkEvent>? OnHighWatermark => HighWatermarkReached;

    internal Action<WatermarkEvent>? OnLowWatermark => LowWatermarkReached;

    internal Action<PingReceivedEvent>? OnPing => PingReceived;

    internal Action<AwayEvent>? OnAway => Away;

    internal Action<ResumedEvent>? OnResumed => Resumed;

    internal Action<PongReceivedEvent>? OnPong => PongReceived;

    internal Func<AuthenticationExpiringEvent, ValueTask>? OnAuthenticationExpiring => AuthenticationExpiring;
}

using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace WsPumps;

/// <summary>
/// How a <see cref="ReconnectingClient"/> connects and reconnects, and what it keeps in the meantime. Read once, by its constructor.
/// </summary>
public sealed class ReconnectingClientOptions
{
    /// <summary>
    /// The longest wait before the first attempt to reconnect. It doubles with each failure; each wait is random, from zero up to it.
    /// </summary>
    /// <value>1 millisecond to 1 day. Default: 1 second.</value>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The value that the longest wait grows to.</summary>
    /// <value><see cref="FirstDelay"/> to 1 day. Default: 30 seconds.</value>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A connection that lasted this long counts as stable: after it, the waits begin with <see cref="FirstDelay"/> again.
    /// </summary>
    /// <value>Zero to 1 day. Default: 10 seconds.</value>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an attempt to connect may take, including the access token, before it counts as failed.</summary>
    /// <value>1 millisecond to 1 day. Default: 10 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Close codes of the peer after which the client does not reconnect, in addition to 1000, 1003, 1007, and 1008 without a reason that
    /// says when to reconnect.
    /// </summary>
    /// <value>Default: empty.</value>
    public ICollection<WebSocketCloseStatus> StopStatuses { get; private set; } = [];

    /// <summary>The subprotocols to offer, the preferred one first.</summary>
    /// <value>Default: empty.</value>
    public IList<string> SubProtocols { get; private set; } = [];

    /// <summary>
    /// Returns the token for each attempt; it is sent in the header <c>Authorization</c>, as <c>Bearer</c>. Null: none. When it throws, the
    /// attempt has failed, and another one follows.
    /// </summary>
    /// <value>Default: null, no token.</value>
    public Func<CancellationToken, ValueTask<string?>>? AccessToken { get; set; }

    /// <summary>
    /// Called before each attempt with the options of the socket: headers, proxy, certificates, cookies, the version of HTTP. When it
    /// throws, the client stops with <see cref="StopReason.Misconfigured"/>.
    /// </summary>
    /// <value>Default: null.</value>
    public Action<ClientWebSocketOptions>? ConfigureWebSocket { get; set; }

    /// <summary>
    /// Sends the request of the handshake: for HTTP/2, for your own handlers, or to share its connections. It is not disposed of.
    /// </summary>
    /// <value>Default: null, one is made for each attempt.</value>
    public HttpMessageInvoker? HttpMessageInvoker { get; set; }

    /// <summary>The limits and timeouts of each connection: sizes, pings.</summary>
    /// <value>Default: those of <see cref="ClientOptions"/>.</value>
    public ClientOptions Connection { get; set; } = new();

    /// <summary>
    /// Called for each connection, before any waiting message is sent on it, for example to subscribe. When it throws, the connection is
    /// given up and another one follows.
    /// </summary>
    /// <value>Default: null.</value>
    public Func<ConnectedContext, ValueTask>? Connected { get; set; }

    /// <summary>
    /// Called when a connection was lost or an attempt has failed, and another one follows. The wait for that one begins when the returned
    /// task has ended, or after <see cref="ConnectTimeout"/>; what it throws is logged.
    /// </summary>
    /// <value>Default: null.</value>
    public Func<ReconnectingEvent, ValueTask>? Reconnecting { get; set; }

    /// <summary>
    /// Called for each message, one after the other. The payload is valid until the task ends. Where it is set,
    /// <see cref="ReconnectingClient.ReadAllAsync"/> cannot be used.
    /// </summary>
    /// <value>Default: null, messages wait for <see cref="ReconnectingClient.ReadAllAsync"/>.</value>
    public Func<Message, CancellationToken, ValueTask>? OnMessage { get; set; }

    /// <summary>
    /// How many messages may wait for <see cref="ReconnectingClient.ReadAllAsync"/>. When that many wait, the connection is not read.
    /// </summary>
    /// <value>1 to 1,000,000. Default: 256.</value>
    public int MaxReceivedMessages { get; set; } = 256;

    /// <summary>How many messages may wait to be sent.</summary>
    /// <value>1 to 1,000,000. Default: 256.</value>
    public int MaxQueuedMessages { get; set; } = 256;

    /// <summary>How many payload bytes may wait to be sent.</summary>
    /// <value>1 byte to 1 TiB. Default: 1 MiB.</value>
    public long MaxQueuedBytes { get; set; } = 1 << 20;

    /// <summary>
    /// How long a message may wait to be sent. A message that has waited longer is dropped. <see cref="MessageOptions.TimeToLive"/> can set
    /// another time for one message.
    /// </summary>
    /// <value>1 millisecond to 1 day. Default: 30 seconds.</value>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether a connection that was lost is resumed without loss, in both directions: the protocol is that of docs/resume.md, and it must
    /// be enabled on the server's endpoint. <see cref="ConnectedContext.IsResumed"/> tells whether the session was resumed.
    /// </summary>
    /// <value>Default: false.</value>
    public bool Resume { get; set; }

    /// <summary>With <see cref="Resume"/>, how many sent messages are kept in case they are lost on the way.</summary>
    /// <value>1 to 1,000,000. Default: 256.</value>
    public int MaxResendMessages { get; set; } = 256;

    /// <summary>With <see cref="Resume"/>, how many payload bytes of sent messages are kept in case they are lost on the way.</summary>
    /// <value>1 byte to 1 TiB. Default: 64 KiB.</value>
    public long MaxResendBytes { get; set; } = 64 * 1024;

    /// <summary>The clock for all of these times.</summary>
    /// <value>Default (null): the clock of the system.</value>
    public TimeProvider? TimeProvider { get; set; }

    /// <summary>Logs a line for each connection, loss and end.</summary>
    /// <value>Default (null): nothing is logged.</value>
    public ILogger? Logger { get; set; }

    /// <summary>Where the client counts what it does.</summary>
    /// <value>Default (null): nowhere.</value>
    public ReconnectingMetrics? Metrics { get; set; }

    /// <summary>The copy that a client keeps.</summary>
    internal ReconnectingClientOptions Copy()
    {
        var copy = (ReconnectingClientOptions)MemberwiseClone();
        (copy.StopStatuses, copy.SubProtocols) = ([.. StopStatuses], [.. SubProtocols]);
        return copy;
    }
}

using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.Extensions.Logging;
using WsPumps.Inbound;

namespace WsPumps;

/// <summary>What a <see cref="Client"/> is created with. Everything is optional.</summary>
public sealed class ClientSettings
{
    /// <summary>The limits and timeouts of the connection. Copied: later changes have no effect.</summary>
    /// <value>Default (null): the defaults of <see cref="ClientOptions"/>.</value>
    public ClientOptions? Options { get; init; }

    /// <summary>Logs one line about the end of the connection, and exceptions of the application's code.</summary>
    /// <value>Default (null): nothing is logged.</value>
    public ILogger? Logger { get; init; }

    /// <summary>The clock of all deadlines.</summary>
    /// <value>Default (null): the clock of the system.</value>
    public TimeProvider? TimeProvider { get; init; }

    /// <summary>A bound that the client's queue shares with others.</summary>
    /// <value>Default: null, no such bound.</value>
    public QueueBudget? Budget { get; init; }

    /// <summary>Sums up what this and other clients do.</summary>
    /// <value>Default: null, nothing is measured.</value>
    public PumpsMetrics? Metrics { get; init; }

    /// <summary>The client's <see cref="IClient.Id"/>.</summary>
    /// <value>Not empty. Default (null): 128 random bits as 22 characters that are safe in URLs.</value>
    public string? Id { get; init; }

    /// <summary>The client's <see cref="IClient.User"/>.</summary>
    /// <value>Default: null, nobody is known.</value>
    public ClaimsPrincipal? User { get; init; }

    /// <summary>
    /// Where the connection comes from: its <see cref="object.ToString"/> appears in the log line about the end of the connection. Escape
    /// whatever the peer has chosen in it.
    /// </summary>
    /// <value>Default: null, it is not mentioned.</value>
    public object? Source { get; init; }

    /// <summary>
    /// Returns the id of a user: <see cref="IClient.RefreshAuthentication"/> accepts a user of the same id only. Use the same function as
    /// for <see cref="ManagerSettings.UserId"/>. It may be called on any thread.
    /// </summary>
    /// <value>Default (null): the claim <see cref="ClaimTypes.NameIdentifier"/>, or, without that claim, the name of the identity.</value>
    public Func<ClaimsPrincipal, string?>? UserId { get; init; }

    /// <summary>Whether, and how long, the client outlives a connection that is lost; see <see cref="Client.ClaimAsync"/>.</summary>
    /// <value>Default: null, it ends with its connection.</value>
    public ResumeOptions? Resume { get; init; }

    /// <summary>
    /// When the authentication of <see cref="User"/> expires. The connection is closed with 1008 then, to within a second, unless
    /// <see cref="IClient.RefreshAuthentication"/> is called first.
    /// </summary>
    /// <value>Default: null, never.</value>
    public DateTimeOffset? AuthenticationExpiresAt { get; init; }

    /// <summary>
    /// Called for each complete message, with its length in bytes, before a handler sees it. Until it completes, the connection is not
    /// read; false closes it with <see cref="DisconnectReason.RateLimited"/>. The token fires when the connection begins to end. For limits
    /// that several connections share.
    /// </summary>
    /// <value>Default: null, every message is admitted.</value>
    public Func<int, CancellationToken, ValueTask<bool>>? AdmitMessage { get; init; }

    /// <summary>
    /// Called for each message, or each one of <see cref="StreamedType"/>, while it arrives: it need not fit in memory. Such messages do
    /// not reach the handlers of the read pump.
    /// </summary>
    /// <value>Default: null, messages are put together and given to the handlers.</value>
    public MessageStreamHandler? OnMessageStream { get; init; }

    /// <summary>Which messages <see cref="OnMessageStream"/> is called for.</summary>
    /// <value>Default: null, all of them.</value>
    public WebSocketMessageType? StreamedType { get; init; }

    /// <summary>The subprotocol of a session that comes from another server; null for the socket's own.</summary>
    internal string? SubProtocol { get; init; }

    /// <summary>When a session has begun that comes from another server; null for now.</summary>
    internal DateTimeOffset? ConnectedAt { get; init; }

    internal StreamedInput? Streamed(ClientOptions options, TimeProvider time) => OnMessageStream is { } handler
        ? new StreamedInput(handler, StreamedType, options.MaxStreamSize, time) : null;

    /// <exception cref="ArgumentException">What is wrong.</exception>
    internal void ThrowIfInvalid(ClientOptions options, string parameter)
    {
        if (string.Join(' ', options.Validate()) is { Length: > 0 } failures)
            throw new ArgumentException(failures, parameter);
        if (Id is "")
        {
            throw new ArgumentException("ClientSettings.Id is empty. Set it to an id that is unique within the manager, or leave it unset.",
                parameter);
        }

        if (StreamedType is WebSocketMessageType.Close)
            throw new ArgumentException("ClientSettings.StreamedType is Close. Only text and binary messages are streamed.", parameter);
    }
}

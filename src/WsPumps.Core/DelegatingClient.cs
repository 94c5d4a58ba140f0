using System.Net.WebSockets;
using System.Security.Claims;

namespace WsPumps;

/// <summary>A client that wraps another and leaves everything to it. Derive from it and override what is to be different.</summary>
/// <remarks>
/// Handlers and the unregister callback of the pumps get the wrapper and never the inner client. A message reaches the wrapper by one of
/// the four write methods, depending on how it was written, or is streamed: to see all messages, override all four and
/// <see cref="OpenMessageAsync"/>.
/// </remarks>
public abstract class DelegatingClient : IClient
{
    /// <param name="inner">The client that does the work.</param>
    protected DelegatingClient(IClient inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <summary>The client that does the work.</summary>
    protected IClient Inner { get; }

    /// <inheritdoc/>
    public virtual string Id => Inner.Id;

    /// <inheritdoc/>
    public virtual ClaimsPrincipal? User => Inner.User;

    /// <inheritdoc/>
    public virtual string? SubProtocol => Inner.SubProtocol;

    /// <inheritdoc/>
    public virtual IDictionary<object, object?> Items => Inner.Items;

    /// <inheritdoc/>
    public virtual ClientStatistics Statistics => Inner.Statistics;

    /// <inheritdoc/>
    public virtual ClientEvents Events => Inner.Events;

    /// <inheritdoc/>
    public virtual TimeProvider TimeProvider => Inner.TimeProvider;

    /// <inheritdoc/>
    public virtual Task<DisconnectRecord> Completion => Inner.Completion;

    /// <inheritdoc/>
    public virtual WriteResult Write(PreparedMessage message) => Inner.Write(message);

    /// <inheritdoc/>
    public virtual WriteResult Write(Message message) => Inner.Write(message);

    /// <inheritdoc/>
    public virtual ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default) =>
        Inner.WriteAsync(message, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<WriteResult> WriteAsync(Message message, CancellationToken cancellationToken = default) =>
        Inner.WriteAsync(message, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<MessageStream> OpenMessageAsync(WebSocketMessageType type, CancellationToken cancellationToken = default) =>
        Inner.OpenMessageAsync(type, cancellationToken);

    /// <inheritdoc/>
    public virtual Task CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure,
        string? reason = null,
        CloseMode mode = CloseMode.Drain,
        CancellationToken cancellationToken = default) => Inner.CloseAsync(status, reason, mode, cancellationToken);

    /// <inheritdoc/>
    public virtual Task CloseAsReplacedAsync(CancellationToken cancellationToken = default) =>
        Inner.CloseAsReplacedAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual void Abort() => Inner.Abort();

    /// <inheritdoc/>
    public virtual void RefreshAuthentication(DateTimeOffset? expiresAt, ClaimsPrincipal? user = null) =>
        Inner.RefreshAuthentication(expiresAt, user);

    /// <inheritdoc/>
    public virtual Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unregister);
        return Inner.WritePumpAsync(_ => unregister(this), pingInterval, cancellationToken);
    }

    /// <inheritdoc/>
    public virtual Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unregister);
        ArgumentNullException.ThrowIfNull(handlers);
        return Inner.ReadPumpAsync(_ => unregister(this), [.. handlers.Select(WithThisClient)], cancellationToken);
    }

    private MessageHandler WithThisClient(MessageHandler handler) => (_, message, cancellationToken) =>
        handler(this, message, cancellationToken);
}

using System.Net.WebSockets;
using System.Security.Claims;
using WsPumps;

namespace CustomClient;

/// <summary>
/// A client with rules of its own around the default one: messages to it are counted for its tenant, messages from it are
/// limited, and its end is written to the log. Everything else is passed on, prepared messages as they are.
/// </summary>
internal sealed partial class TenantClient(Client inner, Tenant tenant, ILogger logger) : IClient
{
    private static readonly PreparedMessage SlowDown = PreparedMessage.Text("""{"error":"Your organisation sends too much. This message was not handled."}""");

    public Tenant Tenant => tenant;

    public string Id => inner.Id;

    public ClaimsPrincipal? User => inner.User;

    public IDictionary<object, object?> Items => inner.Items;

    public ClientStatistics Statistics => inner.Statistics;

    public Task<DisconnectRecord> Completion => inner.Completion;

    /// <remarks>Broadcasts come this way as well.</remarks>
    public WriteResult TryWrite(PreparedMessage message)
    {
        var result = inner.TryWrite(message);
        tenant.CountWritten(result);
        return result;
    }

    public async ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken)
    {
        var result = await inner.WriteAsync(message, cancellationToken);
        tenant.CountWritten(result);
        return result;
    }

    public Task CloseAsync(WebSocketCloseStatus status, string? reason, CloseMode mode, CancellationToken cancellationToken) =>
        inner.CloseAsync(status, reason, mode, cancellationToken);

    public void Abort() => inner.Abort();

    public void RefreshAuthentication(DateTimeOffset? expiresAt, ClaimsPrincipal? user) => inner.RefreshAuthentication(expiresAt, user);

    public Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken) =>
        inner.WritePumpAsync(_ => End(unregister), pingInterval, cancellationToken);

    /// <remarks>The place to stand between the peer and the handlers: here with one handler that asks first.</remarks>
    public Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) =>
        inner.ReadPumpAsync(_ => End(unregister), [(_, message, token) => HandleAsync(handlers, message, token)], cancellationToken);

    private async ValueTask HandleAsync(IReadOnlyList<MessageHandler> handlers, Message message, CancellationToken cancellationToken)
    {
        if (!tenant.Admit())
        {
            TryWrite(SlowDown);
            return;
        }

        foreach (var handler in handlers)
            await handler(this, message, cancellationToken);
    }

    /// <summary>The default client calls it once, from the pump that ends last, when its record is there.</summary>
    private void End(Action<IClient> unregister)
    {
        var record = inner.Completion.Result;
        LogEnded(logger, tenant.Name, Id, record.Reason, record.MessagesReceived, record.MessagesSent);
        unregister(this);
    }

    [LoggerMessage(1, LogLevel.Information, "{Tenant}: {ClientId} ended, {Reason}; {Received} messages received, {Sent} sent.")]
    private static partial void LogEnded(ILogger logger, string tenant, string clientId, DisconnectReason reason, long received, long sent);
}

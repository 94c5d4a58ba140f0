using WsPumps;

namespace CustomClient;

/// <summary>
/// A client with rules of its own around the default one: messages to it are counted for its tenant, messages from it are
/// limited, and its end is written to the log. Everything else is passed on.
/// </summary>
internal sealed partial class TenantClient(IClient inner, Tenant tenant, ILogger logger) : DelegatingClient(inner)
{
    private static readonly PreparedMessage SlowDown = PreparedMessage.Text("""{"error":"Your organisation sends too much. This message was not handled."}""");

    public Tenant Tenant => tenant;

    /// <remarks>Broadcasts come this way.</remarks>
    public override WriteResult Write(PreparedMessage message) => Count(base.Write(message));

    public override WriteResult Write(Message message) => Count(base.Write(message));

    public override async ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default) =>
        Count(await base.WriteAsync(message, cancellationToken));

    public override async ValueTask<WriteResult> WriteAsync(Message message, CancellationToken cancellationToken = default) =>
        Count(await base.WriteAsync(message, cancellationToken));

    public override Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken) =>
        base.WritePumpAsync(_ => End(unregister), pingInterval, cancellationToken);

    /// <remarks>The place to stand between the peer and the handlers: here with one handler that asks first.</remarks>
    public override Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) =>
        base.ReadPumpAsync(_ => End(unregister), [(_, message, token) => HandleAsync(handlers, message, token)], cancellationToken);

    private async ValueTask HandleAsync(IReadOnlyList<MessageHandler> handlers, Message message, CancellationToken cancellationToken)
    {
        if (!tenant.Admit())
        {
            Write(SlowDown);
            return;
        }

        foreach (var handler in handlers)
            await handler(this, message, cancellationToken);
    }

    private WriteResult Count(WriteResult result)
    {
        tenant.CountWritten(result);
        return result;
    }

    /// <summary>The default client calls it once, from the pump that ends last, when its record is there.</summary>
    private void End(Action<IClient> unregister)
    {
        var record = Completion.Result;
        LogEnded(logger, tenant.Name, Id, record.Reason, record.MessagesReceived, record.MessagesSent);
        unregister(this);
    }

    [LoggerMessage(1, LogLevel.Information, "{Tenant}: {ClientId} ended, {Reason}; {Received} messages received, {Sent} sent.")]
    private static partial void LogEnded(ILogger logger, string tenant, string clientId, DisconnectReason reason, long received, long sent);
}

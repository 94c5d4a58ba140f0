using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Claims;

namespace WsPumps.Tests.CustomTypes;

/// <summary>A client around another one, which it leaves everything to; keeps a log of writes.</summary>
internal class WrappingClient(IClient inner) : IClient
{
    public ConcurrentQueue<int> Written { get; } = new();

    public TimeSpan PingInterval { get; private set; }

    public string Id => inner.Id;

    public ClaimsPrincipal? User => inner.User;

    public IDictionary<object, object?> Items => inner.Items;

    public Task<DisconnectRecord> Completion => inner.Completion;

    public WriteResult TryWrite(PreparedMessage message)
    {
        Written.Enqueue(message.Length);
        return inner.TryWrite(message);
    }

    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        Written.Enqueue(message.Length);
        return inner.WriteAsync(message, cancellationToken);
    }

    public virtual Task CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure,
        string? reason = null,
        CloseMode mode = CloseMode.Drain,
        CancellationToken cancellationToken = default) => inner.CloseAsync(status, reason, mode, cancellationToken);

    public void Abort() => inner.Abort();

    public virtual Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken)
    {
        PingInterval = pingInterval;
        return inner.WritePumpAsync(unregister, pingInterval, cancellationToken);
    }

    public virtual Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) =>
        inner.ReadPumpAsync(unregister, handlers, cancellationToken);
}

using System.Net.WebSockets;
using System.Security.Claims;

namespace WsPumps.Core.Tests;

/// <summary>A client that wraps another, as users write them.</summary>
internal sealed class WrappingClient(FakeClient inner) : IClient
{
    private int _looks;

    /// <summary>The connection ends just before the manager looks at its completion for this time; zero for never.</summary>
    public int EndsAtLook { get; init; }

    public string Id => inner.Id;

    public ClaimsPrincipal? User => inner.User;

    public IDictionary<object, object?> Items => inner.Items;

    public Task<DisconnectRecord> Completion
    {
        get
        {
            if (++_looks == EndsAtLook)
                inner.End();
            return inner.Completion;
        }
    }

    public WriteResult TryWrite(PreparedMessage message) => inner.TryWrite(message);

    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken) => inner.WriteAsync(message, cancellationToken);

    public Task CloseAsync(WebSocketCloseStatus status, string? reason, CloseMode mode, CancellationToken cancellationToken) =>
        inner.CloseAsync(status, reason, mode, cancellationToken);

    public void Abort() => inner.Abort();

    public Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken) =>
        inner.WritePumpAsync(unregister, pingInterval, cancellationToken);

    public Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) =>
        inner.ReadPumpAsync(unregister, handlers, cancellationToken);
}

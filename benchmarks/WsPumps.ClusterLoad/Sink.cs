using System.Net.WebSockets;
using System.Security.Claims;

namespace WsPumps.ClusterLoad;

/// <summary>A client without a connection, that takes everything.</summary>
internal class Sink : IClient
{
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _count;

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public ClaimsPrincipal? User => null;

    public IDictionary<object, object?> Items { get; } = new Dictionary<object, object?>();

    public Task<DisconnectRecord> Completion => _completion.Task;

    public int Count => Volatile.Read(ref _count);

    public virtual WriteResult Write(PreparedMessage message)
    {
        Interlocked.Increment(ref _count);
        return WriteResult.Queued;
    }

    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken) => new(Write(message));

    public Task CloseAsync(WebSocketCloseStatus status, string? reason, CloseMode mode, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Abort()
    {
    }

    public Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) => Task.CompletedTask;
}

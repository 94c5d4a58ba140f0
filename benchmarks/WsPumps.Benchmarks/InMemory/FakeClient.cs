using System.Globalization;
using System.Net.WebSockets;
using System.Security.Claims;

namespace WsPumps.Benchmarks.InMemory;

/// <summary>A client that costs nothing, to see what the walk over the clients costs.</summary>
public sealed class FakeClient(int number) : IClient
{
    private static readonly Task<DisconnectRecord> Never = new TaskCompletionSource<DisconnectRecord>().Task;

    public long Written { get; private set; }

    public string Id { get; } = number.ToString(CultureInfo.InvariantCulture);

    public ClaimsPrincipal? User => null;

    public IDictionary<object, object?> Items => throw new NotSupportedException();

    public Task<DisconnectRecord> Completion { get; } = Never;

    public WriteResult Write(PreparedMessage message)
    {
        Written++;
        return WriteResult.Queued;
    }

    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default) => new(Write(message));

    public Task CloseAsync(WebSocketCloseStatus status, string? reason, CloseMode mode, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Abort()
    {
    }

    public Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) => Task.CompletedTask;
}

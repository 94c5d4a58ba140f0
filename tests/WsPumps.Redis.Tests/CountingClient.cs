using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;

namespace WsPumps.Redis.Tests;

/// <summary>A client without a connection, that keeps what it is sent.</summary>
internal sealed class CountingClient : IClient
{
    private readonly ConcurrentQueue<string> _texts = new();
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public ClaimsPrincipal? User => null;

    public IDictionary<object, object?> Items { get; } = new ConcurrentDictionary<object, object?>();

    public Task<DisconnectRecord> Completion => _completion.Task;

    public IReadOnlyCollection<string> Texts => _texts;

    public int Count => _texts.Count;

    /// <summary>How many bytes the largest message had.</summary>
    public int Largest { get; private set; }

    public WriteResult Write(PreparedMessage message)
    {
        Largest = Math.Max(Largest, message.Length);
        _texts.Enqueue(message.Length > 1000 ? "large" : Encoding.UTF8.GetString(message.Payload.Span));
        return WriteResult.Queued;
    }

    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default) => new(Write(message));

    public Task CloseAsync(WebSocketCloseStatus status, string? reason, CloseMode mode, CancellationToken cancellationToken)
    {
        Abort();
        return Task.CompletedTask;
    }

    public void Abort() => _completion.TrySetResult(new DisconnectRecord { Reason = DisconnectReason.Aborted });

    public Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) => Task.CompletedTask;
}

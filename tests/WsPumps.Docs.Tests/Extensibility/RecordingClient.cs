using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;

namespace WsPumps.Docs.Tests.Extensibility;

/// <summary>A client from scratch as a user writes one for tests: no connection, it notes what is written to it.</summary>
internal sealed class RecordingClient(string id) : IClient
{
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<string> Texts { get; } = [];

    public string Id => id;

    public ClaimsPrincipal? User => null;

    public IDictionary<object, object?> Items { get; } = new Dictionary<object, object?>();

    public Task<DisconnectRecord> Completion => _completion.Task;

    public WriteResult Write(PreparedMessage message)
    {
        Texts.Add(Encoding.UTF8.GetString(message.Payload.Span));
        return WriteResult.Queued;
    }

    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default) => new(Write(message));

    public Task CloseAsync(WebSocketCloseStatus status, string? reason, CloseMode mode, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Abort() => _completion.TrySetResult(new DisconnectRecord { Reason = DisconnectReason.Aborted });

    public Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken) => Completion;

    public Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) => Completion;
}

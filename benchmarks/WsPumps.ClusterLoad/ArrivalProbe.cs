using System.Globalization;
using System.Net.WebSockets;
using System.Security.Claims;

namespace WsPumps.ClusterLoad;

/// <summary>A client without a connection: it notes how old each message is when it arrives at its server, before any client's queue.</summary>
internal sealed class ArrivalProbe : IClient
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<double> _ages = [];

    public string Id => "probe";

    public ClaimsPrincipal? User => null;

    public IDictionary<object, object?> Items { get; } = new Dictionary<object, object?>();

    public Task<DisconnectRecord> Completion => _completion.Task;

    /// <summary>The ages since the last call, in milliseconds, sorted.</summary>
    public List<double> Take()
    {
        List<double> taken;
        lock (_lock)
            (taken, _ages) = (_ages, []);
        taken.Sort();
        return taken;
    }

    public WriteResult Write(PreparedMessage message)
    {
        var text = message.Payload.Span;
        var sentAt = long.Parse(text[1..text.IndexOf((byte)';')], CultureInfo.InvariantCulture);
        lock (_lock)
            _ages.Add(System.Diagnostics.Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
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

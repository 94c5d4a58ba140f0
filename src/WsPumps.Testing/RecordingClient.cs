using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;

namespace WsPumps.Testing;

/// <summary>
/// A client without a connection, for unit tests of code that writes: it keeps what it is given, and answers as the test specifies. Safe
/// for concurrent use.
/// </summary>
public sealed class RecordingClient : IClient
{
    private readonly Lock _lock = new();
    private readonly List<PreparedMessage> _written = [];
    private readonly TaskCompletionSource<RecordedClose> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _writes;

    /// <inheritdoc/>
    public string Id { get; init; } = Guid.NewGuid().ToString();

    /// <inheritdoc/>
    public ClaimsPrincipal? User { get; set; }

    /// <inheritdoc/>
    public string? SubProtocol { get; init; }

    /// <inheritdoc/>
    public IDictionary<object, object?> Items { get; } = new ConcurrentDictionary<object, object?>();

    /// <inheritdoc/>
    public ClientStatistics Statistics { get; set; }

    /// <inheritdoc/>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <inheritdoc/>
    public Task<DisconnectRecord> Completion => _completion.Task;

    /// <summary>Returns the result of each write while the client has not ended; may throw.</summary>
    /// <value>Default: <see cref="WriteResult.Queued"/>.</value>
    public Func<PreparedMessage, WriteResult> Respond { get; set; } = static _ => WriteResult.Queued;

    /// <summary>Called with each message, after it has been kept.</summary>
    public Action<PreparedMessage>? OnWrite { get; set; }

    /// <summary>Called with each close, before it is kept; may throw.</summary>
    public Action<RecordedClose>? OnClose { get; set; }

    /// <summary>Whether a close ends the client at once, as if the peer had answered.</summary>
    /// <value>Default: true.</value>
    public bool EndsWhenClosed { get; init; } = true;

    /// <summary>Whether the messages are kept, and not only counted.</summary>
    /// <value>Default: true.</value>
    public bool KeepsMessages { get; init; } = true;

    /// <summary>What was written, in order, whatever the answer was. A copy.</summary>
    public IReadOnlyList<PreparedMessage> Written
    {
        get
        {
            lock (_lock)
                return [.. _written];
        }
    }

    /// <summary>What was written, read as UTF-8.</summary>
    public IReadOnlyList<string> WrittenTexts => [.. Written.Select(message => Encoding.UTF8.GetString(message.Payload.Span))];

    /// <summary>How many messages were written.</summary>
    public long Writes => Volatile.Read(ref _writes);

    /// <summary>The first close.</summary>
    public Task<RecordedClose> Closed => _closed.Task;

    /// <summary>Whether the client was aborted.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Ends the client: both pumps end, and <see cref="Completion"/> completes.</summary>
    /// <param name="record">How it ended; null for a close by the peer.</param>
    public void End(DisconnectRecord? record = null) =>
        _completion.TrySetResult(record ?? new DisconnectRecord { Reason = DisconnectReason.PeerClosed });

    /// <inheritdoc/>
    public WriteResult Write(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_completion.Task.IsCompleted)
            return WriteResult.Closed;

        var result = Respond(message);
        Interlocked.Increment(ref _writes);
        if (KeepsMessages)
        {
            lock (_lock)
                _written.Add(message);
        }

        OnWrite?.Invoke(message);
        return result;
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default) => new(Write(message));

    /// <inheritdoc/>
    public Task CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure,
        string? reason = null,
        CloseMode mode = CloseMode.Drain,
        CancellationToken cancellationToken = default) =>
        CloseAsync(new RecordedClose { Status = status, Reason = reason ?? "", Mode = mode }, DisconnectReason.LocalClosed);

    /// <inheritdoc/>
    public Task CloseAsReplacedAsync(CancellationToken cancellationToken = default) => CloseAsync(
        new RecordedClose
        {
            Status = WebSocketCloseStatus.PolicyViolation,
            Reason = "A newer connection took the place of this one.",
            Mode = CloseMode.Drain,
        },
        DisconnectReason.Replaced);

    private Task CloseAsync(RecordedClose close, DisconnectReason reason)
    {
        OnClose?.Invoke(close);
        _closed.TrySetResult(close);
        if (EndsWhenClosed)
            End(new DisconnectRecord { Reason = reason, LocalStatus = close.Status, LocalReason = close.Reason });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Abort()
    {
        IsAborted = true;
        End(new DisconnectRecord { Reason = DisconnectReason.Aborted });
    }

    /// <inheritdoc/>
    public void RefreshAuthentication(DateTimeOffset? expiresAt, ClaimsPrincipal? user = null) => User = user ?? User;

    /// <inheritdoc/>
    public Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken) => Completion;

    /// <inheritdoc/>
    public Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) =>
        Completion;
}

using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Claims;

namespace WsPumps.Core.Tests;

/// <summary>A client without a connection, that does what a test tells it.</summary>
internal sealed class FakeClient : IClient
{
    private readonly TaskCompletionSource<int> _closeRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id { get; init; } = Guid.NewGuid().ToString();

    public ClaimsPrincipal? User { get; init; }

    public IDictionary<object, object?> Items { get; } = new ConcurrentDictionary<object, object?>();

    public Task<DisconnectRecord> Completion => _completion.Task;

    public ClientStatistics Statistics { get; init; }

    public WriteResult Result { get; init; } = WriteResult.Queued;

    public bool WriteThrows { get; init; }

    public bool CloseThrows { get; init; }

    /// <summary>What user code might do while it is written to.</summary>
    public Action<FakeClient>? OnWrite { get; set; }

    public List<PreparedMessage> Written { get; } = [];

    /// <summary>What a client that breaks its contract might do when it is closed.</summary>
    public Action? OnClose { get; init; }

    /// <summary>The reason of the first close.</summary>
    public string? CloseReason { get; private set; }

    /// <summary>The code of the first close.</summary>
    public Task<int> CloseRequested => _closeRequested.Task;

    public bool IsAborted { get; private set; }

    public void End() => _completion.TrySetResult(new DisconnectRecord { Reason = DisconnectReason.PeerClosed });

    public WriteResult Write(PreparedMessage message)
    {
        if (WriteThrows)
            throw new InvalidOperationException("A client that breaks its contract.");

        lock (Written)
            Written.Add(message);
        OnWrite?.Invoke(this);
        return Result;
    }

    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken) => new(Write(message));

    public Task CloseAsync(WebSocketCloseStatus status, string? reason, CloseMode mode, CancellationToken cancellationToken)
    {
        if (CloseThrows)
            throw new InvalidOperationException("A client that breaks its contract.");

        OnClose?.Invoke();
        CloseReason ??= reason;
        _closeRequested.TrySetResult((int)status);
        return Task.CompletedTask;
    }

    public void Abort()
    {
        IsAborted = true;
        End();
    }

    public Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) => Task.CompletedTask;
}

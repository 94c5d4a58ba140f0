using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Claims;
using System.Threading.Channels;

namespace WsPumps.Tests.CustomTypes;

/// <summary>
/// A client written from scratch, as simply as can be: a channel, a pump that is blocked until the channel is closed, and
/// an unregister callback that both pumps call.
/// </summary>
internal sealed class ChannelClient(WebSocket socket) : IClient
{
    private readonly Channel<PreparedMessage> _egress = Channel.CreateBounded<PreparedMessage>(32);
    private readonly TaskCompletionSource<DisconnectRecord> _completion = new();
    private int _pumpsLeft = 2;

    public string Id { get; } = Guid.NewGuid().ToString();

    public ClaimsPrincipal? User => null;

    public IDictionary<object, object?> Items { get; } = new ConcurrentDictionary<object, object?>();

    public Task<DisconnectRecord> Completion => _completion.Task;

    public WriteResult Write(PreparedMessage message) => _egress.Writer.TryWrite(message) ? WriteResult.Queued : WriteResult.Dropped;

    public async ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        await _egress.Writer.WriteAsync(message, cancellationToken);
        return WriteResult.Queued;
    }

    public Task CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure,
        string? reason = null,
        CloseMode mode = CloseMode.Drain,
        CancellationToken cancellationToken = default)
    {
        _egress.Writer.TryComplete();
        return Task.CompletedTask;
    }

    public void Abort()
    {
        _egress.Writer.TryComplete();
        socket.Abort();
    }

    public async Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken)
    {
        await foreach (var message in _egress.Reader.ReadAllAsync(CancellationToken.None))
            await socket.SendAsync(message.Payload, message.Type, true, cancellationToken);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
        PumpEnded(unregister);
    }

    public async Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken) is { MessageType: not WebSocketMessageType.Close } received)
        {
            foreach (var handler in handlers)
                await handler(this, new Message(received.MessageType, buffer.AsMemory(0, received.Count)), cancellationToken);
        }

        PumpEnded(unregister);
    }

    private void PumpEnded(Action<IClient> unregister)
    {
        unregister(this);
        if (Interlocked.Decrement(ref _pumpsLeft) == 0)
            _completion.SetResult(new DisconnectRecord { Reason = DisconnectReason.PeerClosed });
    }
}

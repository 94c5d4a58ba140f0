using System.Net.WebSockets;
using WsPumps.Diagnostics;
using WsPumps.Inbound;
using WsPumps.Transports;

namespace WsPumps.Sessions;

/// <summary>One connection below the pumps: what they write to and read from.</summary>
internal sealed class Wire(Transport transport, MessageReader reader, TimeProvider time)
{
    private TaskCompletionSource? _left;
    private CancellationTokenRegistration _watch;
    private long _goneAt;

    public Transport Transport => transport;

    public MessageReader Reader => reader;

    /// <summary>When the server said that it is gone; 0 before. What had arrived may still be read.</summary>
    public long GoneAt => Volatile.Read(ref _goneAt);

    /// <summary>Completes when the read pump has left it, because it is lost: what was read of it will not become more.</summary>
    public Task Left => CountedWork.Until(time, Leaving.Task);

    private TaskCompletionSource Leaving =>
        _left ?? Interlocked.CompareExchange(ref _left, new(TaskCreationOptions.RunContinuationsAsynchronously), null) ?? _left;

    /// <param name="webSocket">The connection.</param>
    /// <param name="maxMessageSize">In bytes.</param>
    /// <param name="streamed">What is received as a stream; null for nothing.</param>
    /// <param name="maxSocketBytes">See <see cref="ClientOptions.MaxSocketBytes"/>.</param>
    /// <param name="time">The clock.</param>
    public static Wire Over(WebSocket webSocket, int maxMessageSize, StreamedInput? streamed, int? maxSocketBytes, TimeProvider time)
    {
        if (webSocket is StreamWebSocket ours)
            return new Wire(new FrameTransport(ours, maxSocketBytes), new FrameMessageReader(ours, maxMessageSize, time, streamed), time);

        var transport = new WebSocketTransport(webSocket);
        return new Wire(transport, new WebSocketMessageReader(transport, maxMessageSize, time, streamed), time);
    }

    public void Watch(CancellationToken connectionGone)
    {
        if (!_watch.Token.CanBeCanceled)
            _watch = connectionGone.UnsafeRegister(static wire => ((Wire)wire!).OnGone(), this);
    }

    public void Leave()
    {
        _watch.Unregister();
        reader.Release();
        Leaving.TrySetResult();
    }

    private void OnGone() => Interlocked.CompareExchange(ref _goneAt, time.GetTimestamp(), 0);
}

using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace WsPumps.Load.Servers;

/// <summary>A bounded channel, a loop that sends what is in it, and a loop that receives.</summary>
internal sealed class HandwrittenClient(WebSocket webSocket)
{
    private const int FirstBuffer = 4096;

    private readonly Channel<byte[]> _outbound = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(KestrelHost.MaxQueuedMessages) { SingleReader = true });

    public ValueTask WriteAsync(byte[] message) => _outbound.Writer.WriteAsync(message);

    /// <summary>A client that is too slow for its queue is disconnected.</summary>
    public void TryWrite(byte[] message)
    {
        if (!_outbound.Writer.TryWrite(message))
            webSocket.Abort();
    }

    public async Task RunAsync(Func<byte[], ValueTask> handle)
    {
        var sending = SendAsync();
        try
        {
            await ReceiveAsync(handle);
        }
        catch (Exception exception) when (IsConnectionLost(exception))
        {
            webSocket.Abort();
        }

        _outbound.Writer.TryComplete();
        await sending;
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (var message in _outbound.Reader.ReadAllAsync())
                await webSocket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            await webSocket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception exception) when (IsConnectionLost(exception))
        {
            webSocket.Abort();
        }
    }

    private async Task ReceiveAsync(Func<byte[], ValueTask> handle)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        var length = 0;
        try
        {
            while (await webSocket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } part)
            {
                length += part.Count;
                if (part.EndOfMessage)
                {
                    await handle(buffer.AsSpan(0, length).ToArray());
                    length = 0;
                }
                else if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        if (buffer.Length >= KestrelHost.MaxMessageSize)
            throw new WebSocketException("The message is too large.");

        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private static bool IsConnectionLost(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException or ChannelClosedException;
}

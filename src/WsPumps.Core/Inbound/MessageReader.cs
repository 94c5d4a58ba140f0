using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Transports;

namespace WsPumps.Inbound;

/// <summary>Puts messages together: waits without a buffer, then collects all fragments in one pooled buffer that grows with the message.</summary>
internal sealed class MessageReader(Transport transport, int maxMessageSize, TimeProvider time)
{
    private const int FirstBuffer = 4096;

    private long _messageBeganAt;

    public int MaxMessageSize => maxMessageSize;

    /// <summary>The timestamp of the first byte of a message that has not arrived whole yet; 0 while there is none.</summary>
    public long MessageBeganAt => Volatile.Read(ref _messageBeganAt);

    /// <summary>Waits for a message, without a buffer: an idle connection holds no memory for one that may never come.</summary>
    /// <returns>What is known of it: whether it is a close frame, or has no content at all.</returns>
    public ValueTask<ValueWebSocketReceiveResult> WaitAsync() => transport.ReceiveAsync(Memory<byte>.Empty);

    /// <summary>Reads a message. To be called when one has begun to come: it holds a buffer from the start.</summary>
    /// <returns><see cref="ReadOutcome.Message"/> with the message; otherwise there is none.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(ReadOutcome Outcome, ReceivedMessage Message)> ReadAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(FirstBuffer, RoomFor(maxMessageSize)));
        var length = 0;
        Volatile.Write(ref _messageBeganAt, time.GetTimestamp());
        try
        {
            while (true)
            {
                var room = Math.Min(buffer.Length, RoomFor(maxMessageSize)) - length;
                var part = await transport.ReceiveAsync(buffer.AsMemory(length, room)).ConfigureAwait(false);
                length += part.Count;

                if (part.MessageType is WebSocketMessageType.Close || length > maxMessageSize)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    return (length > maxMessageSize ? ReadOutcome.TooBig : ReadOutcome.Closed, default);
                }

                if (part.EndOfMessage)
                    return (ReadOutcome.Message, new ReceivedMessage(part.MessageType, buffer, length));
                if (length == buffer.Length)
                    buffer = Grow(buffer);
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
        finally
        {
            Volatile.Write(ref _messageBeganAt, 0);
        }
    }

    /// <summary>Reads and forgets whatever comes, until the peer's close frame.</summary>
    public async Task DiscardAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            ValueWebSocketReceiveResult part;
            do
                part = await transport.ReceiveAsync(buffer).ConfigureAwait(false);
            while (part.MessageType is not WebSocketMessageType.Close);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(buffer.Length * 2L, RoomFor(maxMessageSize)));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    /// <summary>One byte more than the limit, to tell a message that just fits from one that does not.</summary>
    private static int RoomFor(int size) => size + 1;
}
